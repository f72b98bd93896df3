import type { OpenAISdkTypes } from "../../dialects/openai-sdk.ts";
import type { AzureClient } from "./client.ts";

/** Chat Completions on Azure, as the `openai` package types them; both kinds of client speak this wire. */
export interface AzureTypes extends Omit<OpenAISdkTypes, "Client"> {
  Client: AzureClient;
}
