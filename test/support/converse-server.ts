import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { frame } from "./converse.ts";
import { type Handler, status, whole } from "./fault-server.ts";

// Hand-written Converse answers, after https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.

export const usage = { inputTokens: 10, outputTokens: 5, totalTokens: 15 };

/** A whole answer with these content blocks. */
export function answer(content: unknown[], stopReason = "end_turn", more: object = {}): Handler {
  const message = { role: "assistant", content };
  const body = { output: { message }, stopReason, usage, metrics: { latencyMs: 1 }, ...more };
  return status(200, body, { "x-amzn-requestid": "request-1" });
}

/** A piece of the block at `index`. */
export const delta = (index: number, piece: object) =>
  frame("contentBlockDelta", { contentBlockIndex: index, delta: piece, p: "abc" });
export const start = (index: number, block: object) =>
  frame("contentBlockStart", { contentBlockIndex: index, start: block });
export const stop = (index: number) => frame("contentBlockStop", { contentBlockIndex: index });
export const opening = frame("messageStart", { role: "assistant" });
export const messageStop = (stopReason = "end_turn") => frame("messageStop", { stopReason });
export const metadata = (more: object = {}) => frame("metadata", { usage, metrics: { latencyMs: 1 }, ...more });

/** The frames of "Hello", whole: the fourth is the last but two. */
export const hello = [opening, delta(0, { text: "Hel" }), delta(0, { text: "lo" }), stop(0), messageStop(), metadata()];

/** A whole stream of these blocks' frames. */
export const events = (...frames: Uint8Array[]) => whole([opening, ...frames, metadata()]);

/** A client of a test server, without retries: over HTTP/2, the SDK's default, or over HTTP/1.1. */
export function clientOf(url: string, http: 1 | 2 = 2, more: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: url,
    maxAttempts: 1,
    credentials: { accessKeyId: "none", secretAccessKey: "none" },
    ...(http === 1 && { requestHandler: new NodeHttpHandler() }),
    ...more,
  });
}
