import type { Mistral } from "@mistralai/mistralai";
import type * as sdk from "@mistralai/mistralai/models/components";
import type { Provider, ProviderTypes } from "../../provider.ts";
import { checkClient } from "../../sdk.ts";
import { ownClient, toSdkOptions } from "./client.ts";
import { toToolMessages } from "./messages.ts";
import { toRequest } from "./params.ts";
import { readCompletion, toAssistantMessage } from "./read.ts";
import { readEvent, typedEvents } from "./stream.ts";

/** Mistral's chat completions, as the official SDK types them. */
export interface MistralTypes extends ProviderTypes {
  /** A `Mistral` instance: these two methods of it are called. */
  Client: { readonly chat: Pick<Mistral["chat"], "complete" | "stream"> };
  Params: Omit<sdk.ChatCompletionRequest, "model" | "messages" | "stream">;
  Request: sdk.ChatCompletionRequest;
  Message: sdk.ChatCompletionRequestMessage;
  Response: sdk.ChatCompletionResponse;
  Chunk: sdk.CompletionEvent;
  FinishReason: sdk.ChatCompletionChoiceFinishReason;
  Usage: sdk.UsageInfo;
  ToolCall: sdk.ToolCall;
  AssistantMessage: sdk.AssistantMessage & { role: "assistant" };
  ToolMessage: sdk.ToolMessage;
}

export const provider: Provider<MistralTypes> = {
  name: "mistral",

  client(given) {
    if (given === undefined) return ownClient();
    checkClient("mistral", given, ["chat", "complete"], "a Mistral instance");
    checkClient("mistral", given, ["chat", "stream"], "a Mistral instance");
    return given as MistralTypes["Client"];
  },

  params: toRequest,

  create(client, request, options) {
    return client.chat.complete(request, toSdkOptions(client, options));
  },

  async stream(client, request, options) {
    return typedEvents(await client.chat.stream(request, toSdkOptions(client, options)));
  },

  read: readCompletion,

  readChunk: readEvent,

  messageParam: toAssistantMessage,

  toolMessages: toToolMessages,
};
