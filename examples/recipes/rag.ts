import { readdir, readFile } from "node:fs/promises";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region read
interface Passage {
  readonly source: string;
  readonly text: string;
}

/** Every paragraph of a folder of Markdown. */
async function readPassages(folder: URL): Promise<Passage[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".md")).sort();
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")));
  return texts.flatMap((text, index) =>
    text
      .split(/\n{2,}/)
      .filter((paragraph) => !paragraph.startsWith("#"))
      .map((paragraph, place) => ({ source: `${files[index]}#${place + 1}`, text: paragraph.trim() })),
  );
}
// #endregion

// #region rank
const wordsOf = (text: string) => new Set(text.toLowerCase().match(/\p{L}{3,}/gu) ?? []);

/** The passages that share the rarest words with the question. */
function rank(passages: readonly Passage[], question: string, most = 2): Passage[] {
  const asked = wordsOf(question);
  const spread = (word: string) => passages.filter(({ text }) => wordsOf(text).has(word)).length;
  const score = ({ text }: Passage) =>
    [...wordsOf(text)].filter((word) => asked.has(word)).reduce((sum, word) => sum + 1 / spread(word), 0);
  return passages.toSorted((a, b) => score(b) - score(a)).slice(0, most);
}
// #endregion

// #region answer
const answer = openai.call(
  "gpt-4o-mini",
  {
    // A source that was not given is no source: the schema is made of the passages.
    responseModel: (_question: string, passages: readonly Passage[]) =>
      z.object({ answer: z.string(), sources: z.array(z.enum(passages.map(({ source }) => source))) }),
    retries: { validation: 1 },
  },
  (question: string, passages: readonly Passage[]) =>
    `Answer from these passages alone, and name those you used.\n
${passages.map(({ source, text }) => `[${source}] ${text}`).join("\n")}\n
Question: ${question}`,
);

const handbook = await readPassages(new URL("handbook/", import.meta.url));
for (const question of ["Are you open on Sundays?", "My book is torn. Who pays the postage?"]) {
  const { answer: text, sources } = await answer(question, rank(handbook, question));
  console.log(text, sources);
}
// #endregion
