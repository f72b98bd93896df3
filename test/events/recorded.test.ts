import { describe, expect, test } from "vitest";
import { describeRecordings, type RecordedProvider, type Recording } from "../support/recordings.ts";
import { startReplay } from "../support/replay-server.ts";
import { pieces } from "../support/server.ts";
import {
  anthropicLane,
  type EventLane,
  expectSame,
  groqLane,
  openaiLane,
  outcomeOf,
  responsesLane,
} from "./readers.ts";

// Recorded traffic of real providers through the SDK's reader and ours.

const recorded: readonly (readonly [RecordedProvider, EventLane])[] = [
  ["openai", openaiLane],
  ["openai-compatible", openaiLane],
  ["azure-openai", openaiLane],
  ["litellm", openaiLane],
  ["openai-responses", responsesLane],
  ["groq", groqLane],
  ["anthropic", anthropicLane],
];

const streamsOf = ({ exchanges }: Recording) =>
  exchanges.filter(({ response }) => response.status === 200 && "text" in response);

describe.each(recorded)("%s", (provider, lane) => {
  describeRecordings(
    provider,
    (recording) => {
      const exchanges = streamsOf(recording);

      test("over HTTP", async () => {
        for (const exchange of exchanges) {
          await using server = await startReplay([exchange, exchange]);
          const sdk = await outcomeOf(lane, lane.open(`${server.url}/v1`), "sdk");
          const own = await outcomeOf(lane, lane.open(`${server.url}/v1`), "own");
          expect(sdk.error ?? sdk.events.length).not.toBe(0);
          expectSame(own, sdk);
        }
      });

      test.each([1, 7, 100])("in pieces of %i bytes", async (size) => {
        for (const { response } of exchanges) {
          const bytes = Buffer.from("text" in response ? response.text : "");
          const fetch = async () =>
            new Response(ReadableStream.from(pieces(bytes, size)), {
              headers: { "content-type": "text/event-stream" },
            });
          const open = () => lane.open("http://127.0.0.1:1/v1", { fetch });
          expectSame(await outcomeOf(lane, open(), "own"), await outcomeOf(lane, open(), "sdk"));
        }
      });
    },
    (recording) => streamsOf(recording).length > 0,
  );
});
