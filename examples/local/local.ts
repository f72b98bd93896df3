import { LocalModel, local } from "callscope/local";
import * as z from "zod";

// #region call
const recommendBook = local.call(
  "default",
  { stream: true, callParams: { maxTokens: 24 } },
  (genre: string) => `Recommend a ${genre} book`,
);

const stream = recommendBook("fantasy");
for await (const [chunk] of stream) process.stdout.write(chunk.content);
console.log(`\n${stream.model}: ${stream.inputTokens} + ${stream.outputTokens} tokens`);
// #endregion

// #region client
await using client = new LocalModel({ contextSize: 1024 }); // or `path: "model.gguf"`
const Book = z.object({ title: z.string().max(40), genre: z.enum(["fantasy", "history"]) });
const invent = local.call("default", { client, responseModel: Book }, () => "Invent a book");
console.log(await invent()); // a grammar makes the answer fit the schema
// #endregion
