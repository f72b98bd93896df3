import type { StopReason } from "./provider.ts";

/**
 * Why an answer stopped, where it holds tool calls: services say "stop" of those too, when a call was forced or when they
 * name no other reason.
 */
export function withCalls(reason: StopReason | undefined, calls: readonly unknown[]): StopReason | undefined {
  return reason === "stop" && calls.length > 0 ? "tool_calls" : reason;
}
