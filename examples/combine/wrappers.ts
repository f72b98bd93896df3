import { mergeWrappers } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region merge
/** Says what a call gave; whatever the call takes and gives, the wrapped one does. */
const logged =
  <Args extends unknown[], Value>(call: (...args: Args) => PromiseLike<Value>) =>
  async (...args: Args): Promise<Value> => {
    const value = await call(...args);
    console.log(args, "gave", value);
    return value;
  };

const Book = z.object({ title: z.string(), author: z.string() });
const extract = mergeWrappers(logged, openai.call("gpt-4o-mini", { responseModel: Book, jsonMode: true }));

// (text: string) => Promise<{ title: string; author: string }>
const extractBook = extract((text: string) => `Extract the book: ${text}`);
console.log((await extractBook("Mistborn by Brandon Sanderson")).title);
// #endregion
