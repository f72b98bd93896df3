import { StreamError } from "callscope";
import { openai } from "callscope/openai";

const recommendBook = openai.call("gpt-4o-mini", { stream: true }, (genre: string) => `Recommend a ${genre} book`);

// #region abort
const controller = new AbortController();
const stream = recommendBook.with({ signal: controller.signal })("fantasy");
try {
  for await (const [chunk] of stream) if (chunk.content !== "") controller.abort(new Error("enough"));
} catch (error) {
  console.log((error as Error).message); // "enough": an abort never looks like an end
  console.log(stream.content, stream.spent); // what came, and what it cost so far
}
// #endregion

// #region limits
const limited = recommendBook.with({ timeout: 60_000, idleTimeout: 10_000 });
try {
  for await (const [chunk] of limited("fantasy")) process.stdout.write(chunk.content);
} catch (error) {
  if (!(error instanceof StreamError)) throw error; // the SDK's own error, for one
  console.log(error.code, error.partial); // "stream_stalled", "stream_ended_early", …
}
// #endregion
