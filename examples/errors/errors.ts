import { setTimeout as sleep } from "node:timers/promises";
import { classify, isCallscopeError, UnsupportedError } from "callscope";
import { groq } from "callscope/groq";
import { openai } from "callscope/openai";
import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 0 }); // its own retries would multiply those below
const recommendBook = openai.call("no-such-model", { client }, (genre: string) => `Recommend a ${genre} book`);

// #region sdk
try {
  await recommendBook("fantasy");
} catch (error) {
  if (error instanceof OpenAI.NotFoundError)
    console.log(error.status, error.requestID); // the SDK's own object
  else throw error;
}
// #endregion

// #region classify
async function withPatience<T>(work: () => Promise<T>, attempts = 3): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { kind, retryable, retryAfterMs } = classify(error);
      if (!retryable || attempt === attempts) throw error;
      console.log(`${kind}: attempt ${attempt}`);
      await sleep(Math.min(retryAfterMs ?? 500 * 2 ** attempt, 30_000));
    }
  }
}
// #endregion
await withPatience(() => recommendBook("fantasy")).catch((error: unknown) => console.log(classify(error)));

// #region ours
const withSound = groq.call("llama-3.3-70b-versatile", () => [
  { type: "audio", data: "UklGRg==", mediaType: "audio/wav" },
]);
try {
  await withSound.prepare();
} catch (error) {
  if (!isCallscopeError(error)) throw error;
  console.log(error.code, error.message); // nothing was sent
  if (error instanceof UnsupportedError) console.log(error.provider, error.feature);
}
// #endregion

// #region limits
const limited = recommendBook.with({ signal: AbortSignal.timeout(30_000), timeout: 10_000 });
// #endregion
await limited("fantasy").catch((error: unknown) => console.log(classify(error).kind));
