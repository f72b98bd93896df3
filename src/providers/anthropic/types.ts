import type Anthropic from "@anthropic-ai/sdk";
import type { ProviderTypes } from "../../contract/provider.ts";

/** Anthropic's Messages API, as the official SDK types it. */
export interface AnthropicTypes extends ProviderTypes {
  /**
   * Any client of the SDK's family: `Anthropic`, `AnthropicBedrock`, `AnthropicVertex`, `AnthropicFoundry`.
   *
   * A beta feature is asked for by its header, for one call (`.with({ headers: { "anthropic-beta": "name" } })`) or for
   * all of a client's (`new Anthropic({ defaultHeaders: { "anthropic-beta": "name" } })`); its parameters go into
   * `callParams` with a cast, and its blocks come back as they are. A client's `beta` does as a client, too, with a cast:
   * then `callParams` may name `betas`. See https://platform.claude.com/docs/en/api/beta-headers.
   */
  Client: { readonly messages: Pick<Anthropic.Messages, "create"> };
  /**
   * `max_tokens` may be left out: see `defaultMaxTokens`. The SDK has no types for `temperature`, `top_p` and `top_k` any
   * more, which newer models refuse; for an older one they pass with a cast.
   */
  Params: Omit<Anthropic.MessageCreateParamsNonStreaming, "model" | "messages" | "stream">;
  Request: Anthropic.MessageCreateParams;
  Message: Anthropic.MessageParam;
  Response: Anthropic.Message;
  Chunk: Anthropic.RawMessageStreamEvent;
  FinishReason: NonNullable<Anthropic.Message["stop_reason"]>;
  Usage: Anthropic.Usage;
  ToolCall: Anthropic.ToolUseBlock;
  /** The turn, and the container of a code that goes on with the next request: that is sent as `container` of its own. */
  AssistantMessage: TurnOf<"assistant"> & { container?: string };
  ToolMessage: TurnOf<"user">;
}

/** Before version 1 the SDK had one type for the turns of both. */
type TurnOf<Role extends "assistant" | "user"> = [Extract<Anthropic.MessageParam, { role: Role }>] extends [never]
  ? Anthropic.MessageParam & { role: Role }
  : Extract<Anthropic.MessageParam, { role: Role }>;
