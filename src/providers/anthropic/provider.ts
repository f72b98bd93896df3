import type Anthropic from "@anthropic-ai/sdk";
import type { Provider, ProviderTypes } from "../../contract/provider.ts";
import { defaultClient, missingSdk, wrongClient } from "../../contract/sdk.ts";
import { toAssistantMessage, toToolMessages } from "./messages.ts";
import { toRequest } from "./params.ts";
import { readMessage } from "./read.ts";
import { readEvent } from "./stream.ts";

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
  FinishReason: Anthropic.StopReason;
  Usage: Anthropic.Usage;
  ToolCall: Anthropic.ToolUseBlock;
  AssistantMessage: Anthropic.AssistantMessageParam;
  ToolMessage: Anthropic.UserMessageParam;
}

// What the SDK's constructor and its credential chain read:
// https://platform.claude.com/docs/en/cli-sdks-libraries/sdks/typescript.
const environment = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "ANTHROPIC_BASE_URL",
  "ANTHROPIC_CUSTOM_HEADERS",
  "ANTHROPIC_PROFILE",
  "ANTHROPIC_CONFIG_DIR",
  "ANTHROPIC_IDENTITY_TOKEN",
  "ANTHROPIC_IDENTITY_TOKEN_FILE",
  "ANTHROPIC_FEDERATION_RULE_ID",
  "ANTHROPIC_ORGANIZATION_ID",
  "ANTHROPIC_SERVICE_ACCOUNT_ID",
  "ANTHROPIC_WORKSPACE_ID",
  "ANTHROPIC_SCOPE",
];

const ownClient = defaultClient(environment, async () => {
  const { Anthropic } = await import("@anthropic-ai/sdk").catch(missingSdk("@anthropic-ai/sdk", "anthropic"));
  return new Anthropic();
});

export const provider: Provider<AnthropicTypes> = {
  name: "anthropic",
  cachesTools: true,

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as AnthropicTypes["Client"] | null;
    if (typeof client?.messages?.create === "function") return client;
    throw wrongClient("anthropic", "an Anthropic client (AnthropicBedrock and its like are, too)", "messages.create");
  },

  params: toRequest,

  create(client, request, options) {
    return client.messages.create(request as Anthropic.MessageCreateParamsNonStreaming, options);
  },

  stream(client, request, options) {
    return client.messages.create(request as Anthropic.MessageCreateParamsStreaming, options);
  },

  read: readMessage,

  readChunk: readEvent,

  messageParam: toAssistantMessage,

  toolMessages: toToolMessages,
};
