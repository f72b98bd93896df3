import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type RandomStream, randomStream, toResponse } from "./random-stream.ts";
import { type EventLane, expectSame, lanes, outcomeOf } from "./readers.ts";

// `npm run soak` takes many more.
const runs = Number(process.env.SOAK_STREAMS ?? 500);

// Behind a carriage return, a mark or ends of lines that differ, the SDKs hold an event back until more has come: it is lost
// where the bytes break off there. We give it at once.
const lateInSdk = /\r(?!\n)|\n\r|[\r\n]\uFEFF|\r\n\n/;

// groq-sdk prints what it cannot parse, whatever its log level.
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

async function read(lane: EventLane, stream: RandomStream, by: "sdk" | "own") {
  const { response, left, ended } = toResponse(stream);
  const opening = lane.open("http://127.0.0.1:1", { fetch: async () => response });
  const outcome = await outcomeOf(lane, opening, by, stream.leaveAfter);
  return { outcome, left: left(), ended };
}

describe.each(lanes)("random streams in random pieces through $name", (lane) => {
  test(`our reader gives what the SDK's gives, ${runs} times`, { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(randomStream, async (stream) => {
        const sdk = await read(lane, stream, "sdk");
        vi.mocked(console.error).mockClear();
        const own = await read(lane, stream, "own");
        expect(console.error).not.toHaveBeenCalled();
        if (stream.ending === "close" && stream.leaveAfter === Number.POSITIVE_INFINITY) {
          expectSame(own.outcome, sdk.outcome);
        } else if (lateInSdk.test(stream.text)) {
          expect(own.outcome.events.slice(0, sdk.outcome.events.length)).toStrictEqual(sdk.outcome.events);
        } else {
          expectSame(own.outcome, sdk.outcome);
          // At OpenAI's `[DONE]` the body is left by the SDK, and read to its end by us: the connection can be used again.
          if (sdk.left && !sdk.outcome.aborted) await vi.waitFor(() => expect(own.ended()).toBe(true));
          else expect(own.left).toBe(sdk.left);
        }
      }),
      { numRuns: runs },
    );
  });
});
