import { openai } from "callscope/openai";
import * as z from "zod";

// #region elements
const listTitles = openai.call(
  "gpt-4o-mini",
  { stream: true, responseModel: z.array(z.object({ title: z.string() })) },
  (genre: string) => `List ${genre} books`,
);

for await (const book of listTitles("fantasy").elements()) console.log(book.title); // each one whole
// #endregion
