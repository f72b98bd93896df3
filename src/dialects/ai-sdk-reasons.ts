import type { StopReason } from "../contract/provider.ts";

/** Why a model stopped, in the words of the AI SDK: in its UI message stream, and in what its language models give. */
export const aiSdkReasons = {
  stop: "stop",
  pause: "other",
  length: "length",
  tool_calls: "tool-calls",
  content_filter: "content-filter",
  error: "error",
  other: "other",
} as const satisfies Readonly<Record<StopReason, string>>;
