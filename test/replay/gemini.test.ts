import { GoogleGenAI } from "@google/genai";
import { test } from "vitest";
import { gemini } from "../../src/providers/gemini/index.ts";
import { playRecording } from "../support/gemini-replay.ts";
import { describeRecordings } from "../support/recordings.ts";

describeRecordings("gemini", ({ exchanges }) => {
  test("replays through the SDK", () =>
    playRecording(
      {
        call: gemini.call,
        connect: (baseUrl) => new GoogleGenAI({ enterprise: false, apiKey: "test", httpOptions: { baseUrl } }),
      },
      exchanges,
    ));
});
