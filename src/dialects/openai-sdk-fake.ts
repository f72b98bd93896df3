import type { FakeWire } from "../contract/fake-answer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { missingSdk } from "../contract/sdk.ts";
import { type FakeChat, fakeCompletion, fakeCompletionChunks } from "./chat-completions-fake.ts";
import { generatedError, openaiErrorBody } from "./fake-sdk-error.ts";

/** How answers are made up for whatever is reached through the official `openai` package. */
export function openaiFake<P extends ProviderTypes>(provider: string): FakeWire<P> {
  const chat: FakeChat = { provider, thinking: "reasoning_content" };
  return {
    // https://platform.openai.com/docs/guides/error-codes: a 429 of its own code.
    statuses: { quota: 429 },
    whole: (answer) => fakeCompletion<P>(chat, answer),
    events: (answer) => fakeCompletionChunks<P>(chat, answer),
    async error(failure) {
      const { OpenAI } = await import("openai").catch(missingSdk("openai", provider));
      return generatedError(provider, OpenAI, failure, openaiErrorBody(failure));
    },
  };
}
