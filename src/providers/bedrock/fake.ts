import type {
  BedrockRuntimeServiceException,
  ContentBlock,
  ConverseStreamOutput,
  StopReason,
  TokenUsage,
} from "@aws-sdk/client-bedrock-runtime";
import { answersInstead, type FinishWords, finishWord, noSuchFailure } from "../../contract/fake.ts";
import type { FakeAnswer, FakeFailure, FakeUsage, FakeWire } from "../../contract/fake-answer.ts";
import { ConfigError } from "../../errors/errors.ts";
import { failureOf } from "./failure.ts";
import { loadBedrock } from "./send.ts";
import { noteHead } from "./stream.ts";
import type { BedrockTypes } from "./types.ts";

/**
 * How answers are made up for tests, in the form of the AWS SDK.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export const fake: FakeWire<BedrockTypes> = {
  statuses: { quota: 400 },

  whole: (answer) => ({
    $metadata: metadataOf(answer),
    output: { message: { role: "assistant", content: blocksOf(answer).map(({ whole }) => whole) } },
    stopReason: reasonOf(answer),
    usage: toUsage(answer.usage),
    metrics: { latencyMs: 1 },
  }),

  events(answer) {
    const blocks = blocksOf(answer).flatMap(({ start, deltas }, contentBlockIndex): object[] => [
      ...(start ? [{ contentBlockStart: { start, contentBlockIndex } }] : []),
      ...deltas.map((delta) => ({ contentBlockDelta: { delta, contentBlockIndex } })),
      { contentBlockStop: { contentBlockIndex } },
    ]);
    const first = { messageStart: { role: "assistant" } };
    const end = [
      { messageStop: { stopReason: reasonOf(answer) } },
      { metadata: { usage: toUsage(answer.usage), metrics: { latencyMs: 1 } } },
    ];
    // Each event is of one kind and says so to the type by the keys it does not have.
    const events = [first, ...blocks, ...end] as ConverseStreamOutput[];
    noteHead(events[0] as ConverseStreamOutput, metadataOf(answer));
    return events;
  },

  tellHead: (first, head) =>
    noteHead(first, { httpStatusCode: 200, ...(head?.requestId !== undefined && { requestId: head.requestId }) }),

  async error(failure) {
    const sdk = await loadBedrock();
    const { kind, status } = failure;
    if (kind === "content_filter") throw noSuchFailure("bedrock", failure, answersInstead);
    if (status !== undefined) return exceptionOf(sdk, failure, status);
    if (kind === "aborted") return Object.assign(new Error("Request aborted"), { name: "AbortError" });
    if (kind === "timeout") return Object.assign(new Error("Request timed out"), { name: "TimeoutError" });
    if (kind !== "connection") throw noSuchFailure("bedrock", failure);
    const broken = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    return failureOf(sdk, broken, { signal: undefined, inStream: false });
  },
};

function metadataOf({ id }: FakeAnswer) {
  return { httpStatusCode: 200, requestId: id, attempts: 1, totalRetryDelay: 0 };
}

interface Block {
  readonly whole: ContentBlock;
  readonly start?: object;
  readonly deltas: readonly object[];
}

// "fake", which no server takes for its own.
const signature = "ZmFrZQ==";

function blocksOf({ text, thinking, refusal, toolCalls }: FakeAnswer): Block[] {
  const blocks: Block[] = [];
  if (thinking !== undefined) {
    blocks.push({
      whole: { reasoningContent: { reasoningText: { text: thinking.text, signature } } },
      deltas: [...thinking.pieces.map((piece) => ({ text: piece })), { signature }].map((reasoningContent) => ({
        reasoningContent,
      })),
    });
  }
  for (const said of [text, refusal]) {
    if (said === undefined) continue;
    blocks.push({ whole: { text: said.text }, deltas: said.pieces.map((piece) => ({ text: piece })) });
  }
  for (const { id: toolUseId, name, args, pieces } of toolCalls) {
    blocks.push({
      whole: { toolUse: { toolUseId, name, input: parsed(name, args) } },
      start: { toolUse: { toolUseId, name } },
      deltas: pieces.map((input) => ({ toolUse: { input } })),
    });
  }
  return blocks;
}

function parsed(name: string, args: string) {
  try {
    return JSON.parse(args);
  } catch (cause) {
    const message = `The arguments of "${name}" are no JSON: in a whole answer of bedrock they are an object.`;
    throw new ConfigError(message, { cause });
  }
}

const words: FinishWords<StopReason> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "content_filtered",
  error: "malformed_model_output",
};

function reasonOf(answer: FakeAnswer): StopReason {
  return answer.refusal === undefined ? finishWord("bedrock", answer, words) : "content_filtered";
}

function toUsage({ inputTokens, outputTokens, cachedTokens }: FakeUsage): TokenUsage {
  return {
    inputTokens: inputTokens - (cachedTokens ?? 0),
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(cachedTokens !== undefined && { cacheReadInputTokens: cachedTokens }),
  };
}

type Sdk = Awaited<ReturnType<typeof loadBedrock>>;

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
const classes = {
  permission: "AccessDeniedException",
  quota: "ServiceQuotaExceededException",
  not_found: "ResourceNotFoundException",
  invalid_request: "ValidationException",
  context_overflow: "ValidationException",
  conflict: "ConflictException",
  rate_limit: "ThrottlingException",
  overloaded: "ServiceUnavailableException",
  server: "InternalServerException",
  timeout: "ModelTimeoutException",
} as const;

// What is known only by name is of the SDK's base class.
const names: Readonly<Partial<Record<FakeFailure["kind"], string>>> = {
  authentication: "UnrecognizedClientException",
};

function exceptionOf(sdk: Sdk, failure: FakeFailure, status: number): BedrockRuntimeServiceException {
  const { kind, headers } = failure;
  const message =
    kind === "context_overflow" ? `Input is too long for requested model. ${failure.message}` : failure.message;
  const $metadata = { httpStatusCode: status, requestId: headers["x-request-id"] ?? "" };
  const known = (classes as Readonly<Partial<Record<FakeFailure["kind"], (typeof classes)[keyof typeof classes]>>>)[
    kind
  ];
  const exception =
    known === undefined
      ? new sdk.BedrockRuntimeServiceException({
          name: names[kind] ?? "UnknownException",
          message,
          $fault: status < 500 ? "client" : "server",
          $metadata,
        })
      : new sdk[known]({ message, $metadata });
  // The SDK keeps the HTTP answer out of sight.
  Object.defineProperty(exception, "$response", { value: { statusCode: status, headers }, enumerable: false });
  return exception;
}
