import { beside, curried, own } from "./example-parts.ts";
import type { ProviderRow } from "./example-row.ts";

// The sections of the guide after the page on calls: each shows one thing for every provider and in the four ways to
// write a prompt. The region of the first way has the section's name, the others `name.messages` and so on.

/** What a prompt says, and of what: `Recommend a ${genre} book` of a genre. */
interface Words {
  readonly parameter: string;
  readonly before: string;
  readonly after: string;
}

const genre: Words = { parameter: "genre", before: "Recommend a ", after: " book" };

type Style = "text" | "messages" | "template" | "plain";
const styles: readonly Style[] = ["text", "messages", "template", "plain"];

/** A prompt of one parameter, written in one of the four ways. */
function promptOf(style: Style, { parameter, before, after }: Words): string {
  const text = `\`${before}\${${parameter}}${after}\``;
  switch (style) {
    case "text":
      return `(${parameter}: string) => ${text}`;
    case "messages":
      return `(${parameter}: string) => [Messages.user(${text})]`;
    case "template":
      return `promptTemplate("${before}{${parameter}}${after}")`;
    case "plain":
      return `(${parameter}: string): Message[] => [{ role: "user", content: ${text} }]`;
  }
}

const argumentOf = (style: Style, { parameter }: Words, value: string) =>
  style === "template" ? `{ ${parameter}: ${value} }` : value;

/** The same program four times, each a region; all but the first in a block of their own. */
function inStyles(name: string, write: (style: Style) => string): string {
  return styles
    .map((style) => {
      if (style === "text") return `// #region ${name}\n${write(style)}\n// #endregion\n`;
      return `{\n// #region ${name}.${style}\n${write(style)}\n// #endregion\n}\n`;
    })
    .join("\n");
}

/** `call(model, options, prompt)`, a template bound to it. */
function bound(row: ProviderRow, style: Style, words: Words, options: string): string {
  const prompt = promptOf(style, words);
  const given = options === "" ? (row.limit === undefined ? "" : `, ${row.limit}`) : `, ${beside(row, options)}`;
  return style === "template"
    ? `${row.name}.call("${row.model}"${given})(${prompt})`
    : `${row.name}.call("${row.model}"${given}, ${prompt})`;
}

const head = (more = "") => `import { type Message, Messages, promptTemplate${more} } from "callscope";\n`;

const streams = (row: ProviderRow) => `${head()}${own(row)}

${inStyles(
  "stream",
  (style) => `const recommendBook = ${bound(row, style, genre, "stream: true")};

const stream = recommendBook(${argumentOf(style, genre, '"fantasy"')});
for await (const [chunk] of stream) process.stdout.write(chunk.content);
console.log(\`\\n\${stream.model}, \${stream.outputTokens} tokens, $\${stream.cost}\`);`,
)}`;

const review: Words = { parameter: "text", before: "Extract the book: ", after: "" };

const structured = (row: ProviderRow) => `${head()}${own(row)}
import * as z from "zod";

// #region schema
const Book = z.object({ title: z.string(), author: z.string(), pages: z.number().int().positive() });
// #endregion

${inStyles(
  "extract",
  (style) => `const extractBook = ${bound(row, style, review, "responseModel: Book")};

const text = "Mistborn: The Final Empire by Brandon Sanderson has 544 pages.";
const book = await extractBook(${style === "template" ? "{ text }" : "text"});
console.log(book.title, book.pages + 1); // typed and validated`,
)}`;

const question: Words = { parameter: "question", before: "Answer a reader: ", after: "" };

const bookTool = `// #region tool
const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks a book up by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: async ({ isbn }) => \`Mistborn: The Final Empire by Brandon Sanderson (\${isbn})\`,
});
// #endregion`;

const isbn = `"Which book has the ISBN 0-7653-1178-X?"`;

const tools = (row: ProviderRow) => `${head(", tool")}${own(row)}
import * as z from "zod";

${bookTool}

${inStyles(
  "ask",
  (style) => `const ask = ${bound(row, style, question, "tools: [getBookInfo]")};

const response = await ask(${argumentOf(style, question, isbn)});
for (const use of response.tools ?? []) console.log(use.args.isbn, await use.call());`,
)}`;

const agents = (row: ProviderRow) => `${head(", tool, toolLoop")}${own(row)}
import * as z from "zod";

${bookTool}

${inStyles(
  "agent",
  (style) => `const ask = ${bound(row, style, question, "tools: [getBookInfo]")};
const librarian = toolLoop(ask, { maxSteps: 5 });

const result = await librarian(${argumentOf(style, question, isbn)});
console.log(result.response?.content, result.responses.length, result.cost);`,
)}`;

const author: Words = { parameter: "author", before: "What is the best book by ", after: "?" };

const chaining = (row: ProviderRow) => `${head()}${own(row)}

${inStyles(
  "chain",
  (
    style,
  ) => `const recommendAuthor = ${bound(row, style, { ...genre, before: "Name an author of ", after: " books" }, "")};
const recommendBook = ${bound(row, style, author, "")};

const first = await recommendAuthor(${argumentOf(style, genre, '"fantasy"')});
const second = await recommendBook(${argumentOf(style, author, "first.content")});
console.log(second.content);`,
)}
// #region nested
const writer = ${row.name}.call("${row.model}"${row.limit === undefined ? "" : `, ${row.limit}`}, (genre: string) => \`Name an author of \${genre} books\`);

const nested = ${curried(
  row,
  `promptTemplate("Recommend a {genre} book by {author}", async ({ genre }: { genre: string }) => ({
    computedFields: { author: await writer(genre) }, // text in the prompt, a whole response beside it
  }))`,
)};

const response = await nested({ genre: "fantasy" });
console.log(response.content);
// #endregion
`;

/** The sections: a folder each, a file a provider. */
export const guideSections: Readonly<Record<string, (row: ProviderRow) => string>> = {
  streams,
  structured,
  tools,
  agents,
  chaining,
};
