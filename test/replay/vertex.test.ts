import { GoogleGenAI } from "@google/genai";
import { test } from "vitest";
import { vertex } from "../../src/providers/vertex/index.ts";
import { playRecording } from "../support/gemini-replay.ts";
import { describeRecordings } from "../support/recordings.ts";

describeRecordings("vertex", ({ exchanges }) => {
  test("replays through the SDK", () =>
    playRecording(
      {
        // Its types are those of Gemini's `call` but for a few parameters.
        call: vertex.call as never,
        connect: (baseUrl) => new GoogleGenAI({ enterprise: true, apiKey: "test", httpOptions: { baseUrl } }),
      },
      exchanges,
    ));
});
