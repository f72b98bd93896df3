import type { FakeWire } from "../../contract/fake-answer.ts";
import { missingSdk } from "../../contract/sdk.ts";
import { type FakeChat, fakeCompletion, fakeCompletionChunks } from "../../dialects/chat-completions-fake.ts";
import { generatedError, openaiErrorBody } from "../../dialects/fake-sdk-error.ts";
import type { GroqTypes } from "./types.ts";

const chat: FakeChat = { provider: "groq", thinking: "reasoning" };

/** How answers are made up for tests, in the form of Groq's SDK. */
export const fake: FakeWire<GroqTypes> = {
  whole: (answer) => fakeCompletion<GroqTypes>(chat, answer),

  events: (answer) => fakeCompletionChunks<GroqTypes>(chat, answer),

  async error(failure) {
    const { Groq } = await import("groq-sdk").catch(missingSdk("groq-sdk", "groq"));
    return generatedError("groq", Groq, failure, openaiErrorBody(failure));
  },
};
