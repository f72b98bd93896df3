import { brokenFetch, noSuchFailure } from "../contract/fake.ts";
import type { FakeFailure } from "../contract/fake-answer.ts";

// The SDKs of OpenAI, Anthropic and Groq are made by one generator, and their errors are alike.

type Make<Options> = new (options: Options) => Error;

/** What of such an SDK errors are made of. */
export interface GeneratedErrors {
  readonly APIError: {
    generate(status: number, body: object, message: string | undefined, headers: Headers): Error;
  };
  readonly APIUserAbortError: Make<{ message?: string }>;
  readonly APIConnectionError: Make<{ message?: string; cause?: Error }>;
  readonly APIConnectionTimeoutError: Make<{ message?: string }>;
}

/** The SDK's own error: by the status where the service answered, else for a request without an answer. */
export function generatedError(provider: string, sdk: GeneratedErrors, failure: FakeFailure, body: object): Error {
  const { status, headers } = failure;
  if (status !== undefined) return sdk.APIError.generate(status, body, undefined, new Headers(headers));
  if (failure.kind === "aborted") return new sdk.APIUserAbortError({});
  if (failure.kind === "timeout") return new sdk.APIConnectionTimeoutError({});
  if (failure.kind === "connection") return new sdk.APIConnectionError({ cause: brokenFetch() });
  throw noSuchFailure(provider, failure);
}

// https://platform.openai.com/docs/guides/error-codes
const openaiWords: Readonly<Partial<Record<FakeFailure["kind"], readonly [type: string, code: string | null]>>> = {
  authentication: ["invalid_request_error", "invalid_api_key"],
  quota: ["insufficient_quota", "insufficient_quota"],
  not_found: ["invalid_request_error", "model_not_found"],
  context_overflow: ["invalid_request_error", "context_length_exceeded"],
  content_filter: ["invalid_request_error", "content_filter"],
  rate_limit: ["requests", "rate_limit_exceeded"],
  server: ["server_error", null],
  overloaded: ["server_error", null],
};

/** The body of an error as OpenAI writes it, and those who speak its wire. */
export function openaiErrorBody({ kind, message }: FakeFailure): object {
  const [type, code] = openaiWords[kind] ?? ["invalid_request_error", null];
  return { error: { message, type, param: null, code } };
}
