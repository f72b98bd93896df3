// The words by which the providers' SDKs and services say what went wrong, each with where it is documented.

type Transient = "rate_limit" | "conflict" | "overloaded" | "server" | "timeout" | "connection";
type Refused = "authentication" | "permission" | "quota" | "not_found" | "unsupported" | "invalid_request";
type Unfit = "too_large" | "context_overflow" | "content_filter" | "malformed";

/**
 * What went wrong, in one closed list for all providers.
 *
 * - `authentication`: no key, a wrong or an expired one. `permission`: the key is known but may not do this.
 * - `quota`: the account is out of credit or at a hard limit; waiting alone does not help.
 * - `not_found`: no such model, deployment or path. `unsupported`: exists, but not offered (501, `UnsupportedError`).
 * - `invalid_request`: the request is refused as it is. `too_large`: its bytes; `context_overflow`: its tokens.
 * - `content_filter`: prompt or answer was blocked.
 * - `rate_limit`, `conflict` (409), `overloaded` (503, 529), `server`, `timeout`, `connection`: may pass later.
 * - `aborted`: the caller stopped it. `malformed`: an answer came, but not of the promised form.
 * - `config`: a mistake of the calling program that this library found. `unknown`: nothing of the above can be told.
 */
export type ErrorKind = Transient | Refused | Unfit | "aborted" | "config" | "unknown";

const table = (...lists: readonly (readonly [kind: ErrorKind, ...words: string[]])[]): ReadonlyMap<string, ErrorKind> =>
  new Map(lists.flatMap(([kind, ...words]) => words.map((word) => [word, kind] as const)));

/** The `code` of our own errors. What a broken stream was broken by is said by its `cause`: see `outranks`. */
export const kindOfOwnCode = table(
  ["config", "config", "prompt", "missing_package", "invalid_tool", "invalid_output"],
  ["config", "stream_consumed", "stream_unfinished"],
  ["unsupported", "unsupported"],
  ["context_overflow", "context_overflow"],
  ["timeout", "batch_expired"],
  ["server", "batch_failed", "batch_missing"],
  ["aborted", "batch_cancelled"],
  ["malformed", "malformed_response", "unknown_tool", "invalid_arguments", "parse"],
  ["timeout", "timeout", "stream_stalled"],
  ["connection", "stream_ended_early", "stream_broken"],
);

/** Words of an error body, or class names of the AWS SDK, that say more than the status they come with. */
export const sharperThanStatus = table(
  // developers.openai.com/api/docs/guides/error-codes; LiteLLM: docs.litellm.ai/docs/exception_mapping
  ["context_overflow", "context_length_exceeded"],
  // Mistral's 400: docs.mistral.ai/api
  ["not_found", "model_not_found", "invalid_model"],
  [
    "quota",
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "budget_exceeded",
    "billing_error",
    // Anthropic's 429 of a workspace at its limit: platform.claude.com/docs/en/api/rate-limits
    "enforced_spend_limit_reached",
  ],
  // Azure's 400: learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
  ["content_filter", "content_filter", "content_policy_violation"],
  // platform.claude.com/docs/en/api/errors; Groq's 498: console.groq.com/docs/flex-processing; Bedrock's 429
  ["overloaded", "overloaded_error", "capacity_exceeded", "ModelNotReadyException"],
  // Gemini's 400 to a wrong key (recorded); AWS: docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
  ["authentication", "API_KEY_INVALID", "ExpiredTokenException", "UnrecognizedClientException"],
  ["quota", "ServiceQuotaExceededException"],
  // Groq's 400 to what its model wrote itself: console.groq.com/docs/tool-use, console.groq.com/docs/structured-outputs
  ["malformed", "tool_use_failed", "json_validate_failed", "output_parse_failed"],
  // LiteLLM's 400 to a wrong key where it has no database to look it up in (run)
  ["authentication", "no_db_connection"],
  // The AWS SDK's name for a connection that broke before it answered, over HTTP/2 (run)
  ["connection", "TimeoutError: Unexpected error: http2 request did not get a response"],
);

/**
 * An HTTP status; else, where none is known (inside a stream, in the transport, in the SDK), a word of the error body,
 * a class name or code, or, for what has neither, the whole `name: message`.
 */
export const kindOfWord = table(
  // HTTP, OpenAI, Anthropic, google.rpc.Code, Bedrock (which says of ModelStreamErrorException: "Retry your request.")
  ["authentication", "401", "invalid_api_key", "authentication_error", "UNAUTHENTICATED", "CredentialsProviderError"],
  ["quota", "402"],
  ["permission", "403", "permission_error", "PERMISSION_DENIED", "AccessDeniedException"],
  ["not_found", "404", "410", "not_found_error", "NOT_FOUND", "ResourceNotFoundException"],
  ["invalid_request", "invalid_request_error", "invalid_prompt", "INVALID_ARGUMENT", "ValidationException"],
  ["too_large", "413", "431", "request_too_large"],
  ["conflict", "409"],
  ["rate_limit", "429", "rate_limit_exceeded", "rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"],
  ["server", "server_error", "api_error", "INTERNAL", "InternalServerException", "ModelStreamErrorException"],
  ["overloaded", "503", "529", "UNAVAILABLE", "ServiceUnavailableException"],
  ["timeout", "408", "504", "timeout_error", "DEADLINE_EXCEEDED", "ModelTimeoutException"],
  ["unsupported", "501", "UNIMPLEMENTED"],
  // Checks an SDK makes itself: Mistral of its input and of the answer, the Azure pipeline of the answer
  ["invalid_request", "SDKValidationError", "InvalidRequestError"],
  ["malformed", "SyntaxError", "ZodError", "ResponseValidationError", "PARSE_ERROR"],
  // The classes of OpenAI, Groq and Anthropic, and, for bundles that rename classes, their fixed texts
  ["aborted", "499", "AbortError", "APIUserAbortError", "RequestAbortedError", "Error: Request was aborted."],
  ["timeout", "TimeoutError", "APIConnectionTimeoutError", "RequestTimeoutError", "Error: Request timed out."],
  ["connection", "APIConnectionError", "ConnectionError", "Error: Connection error."],
  // Node, undici (undici.nodejs.org/#/docs/api/Errors) and the Azure pipeline
  ["timeout", "ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"],
  ["connection", "ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH"],
  ["connection", "EHOSTUNREACH", "UND_ERR_SOCKET", "REQUEST_SEND_ERROR", "ERR_HTTP2_ERROR", "ERR_HTTP2_STREAM_ERROR"],
  // What fetch throws has no code: undici, then Chromium, WebKit, Firefox
  ["connection", "TypeError: fetch failed", "TypeError: terminated", "TypeError: Failed to fetch"],
  ["connection", "TypeError: Load failed", "TypeError: NetworkError when attempting to fetch resource."],
);

// The next three are in lower case, and are looked for anywhere in a message of an error body, whatever its case.

/** A prompt of too many tokens, where the provider gives no code for it. Searched only in refused requests. */
export const overflowTexts: readonly string[] = [
  "maximum context length", // Mistral, vLLM, DeepSeek, OpenRouter
  "max context length", // Ollama (recorded)
  "maximum number of tokens allowed", // Gemini, Vertex AI (recorded)
  "prompt is too long", // Anthropic, also through Bedrock
  "exceed context limit", // Anthropic, prompt and max_tokens together
  "input is too long", // Bedrock
  "exceeds the max input token limit", // Bedrock
  "exceeds the context window", // OpenAI
  "exceeds the available context size", // llama.cpp
  "maximum prompt length is", // xAI
  "reduce the length of the messages", // Groq
  "number of tokens in the prompt cannot exceed", // Cohere
  "contextwindowexceedederror", // LiteLLM
];

/** An account out of credit or at a hard limit, told in words alone: in a refusal or a 429. All words of an entry are said. */
export const quotaTexts: readonly (readonly string[])[] = [
  ["credit balance is too low"], // Anthropic's 400
  ["reached your specified api usage limits"], // Anthropic's 400
  ["insufficient_quota"], // OpenAI's code, in the text of a proxy
  // OpenAI's text through LiteLLM; Gemini says the same of a limit that passes in a minute.
  ["openaiexception", "exceeded your current quota"],
  ["enforced_spend_limit_reached"], // Anthropic's, in the text of a proxy
];

/** Other refusals that are told in words alone. LiteLLM (1.106, run): docs.litellm.ai/docs/exception_mapping */
export const refusalTexts: readonly (readonly [ErrorKind, string])[] = [
  ["content_filter", "contentpolicyviolationerror"],
  ["not_found", "invalid model name passed in model="],
  ["not_found", "the provided model identifier is invalid"], // Bedrock's 400
  ["too_large", "request_too_large"], // Anthropic's 413, through LiteLLM
  ["malformed", "tool_use_failed"], // Groq's, through LiteLLM
  ["malformed", "json_validate_failed"],
];

/** What an SDK throws before anything is sent, and says only in words (OpenAI 7, Groq, Anthropic, Cohere 8, AWS 3: run). */
export const unsentTexts: readonly (readonly [ErrorKind, string])[] = [
  ["authentication", "Missing credentials. Please pass"],
  ["authentication", "GROQ_API_KEY environment variable is missing"],
  ["authentication", "Could not resolve authentication method"],
  ["authentication", "set the 'CO_API_KEY' environment variable"],
  ["config", "Region is missing"],
];
