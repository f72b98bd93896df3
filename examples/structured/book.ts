import { describeAnswer, ParseError, responseOf } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region model
const Book = z.object({
  title: z.string(),
  author: z.string(),
  pages: z.number().int().positive(),
});

const extractBook = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => `Extract the book: ${text}`);

const book = await extractBook("Mistborn: The Final Empire by Brandon Sanderson has 544 pages.");
console.log(book.title, book.pages + 1); // typed and validated
// #endregion

// #region response
const { value, response } = await extractBook("…").withResponse();
console.log(value.author, response.cost, response.structuredMode);
console.log(responseOf(book)?.inputTokens); // also from the object itself
// #endregion

// #region modes
const byTool = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => text); // a forced tool call
const byJson = openai.call("gpt-4o-mini", { responseModel: Book, jsonMode: true }, (text: string) => text);
const bySchema = openai.call("gpt-4o-mini", { responseModel: Book, jsonMode: "schema" }, (text: string) => text);
// #endregion
for (const call of [byTool, byJson, bySchema]) console.log((await call("…")).title);

// #region retries
const patient = openai.call(
  "gpt-4o-mini",
  { responseModel: Book, retries: { validation: 2 } },
  (text: string) => `Extract the book: ${text}`,
);

try {
  const { response } = await patient("…").withResponse();
  console.log(response.attempts.length); // the answers that did not fit
} catch (error) {
  if (!(error instanceof ParseError)) throw error;
  console.log(error.kind, error.issues, error.text, error.attempts.length);
}
// #endregion

// #region arguments
const extractFrom = openai.call(
  "gpt-4o-mini",
  { responseModel: (text: string) => Book.refine(({ title }) => text.includes(title), "the title is not in the text") },
  (text: string) => `Extract the book: ${text}`,
);
// #endregion
console.log(await extractFrom("Mistborn: The Final Empire by Brandon Sanderson has 544 pages."));

// #region parser
const inCapitals = openai.call(
  "gpt-4o-mini",
  { responseModel: Book, outputParser: ({ title }) => title.toUpperCase() },
  (text: string) => `Extract the book: ${text}`,
);
// #endregion
console.log(await inCapitals("…"));

// #region words
const Mood = describeAnswer(z.enum(["good", "bad"]), {
  name: "classify_mood", // of the tool, or of the schema; "answer" by default
  description: "The mood of the review.",
  wrapper: "mood", // the property that holds a value that is no object; "value" by default
});

const moodOf = openai.call("gpt-4o-mini", { responseModel: Mood }, (review: string) => `Classify: ${review}`);
console.log((await moodOf.prepare("Loved it.")).output); // how it is asked for
// #endregion
