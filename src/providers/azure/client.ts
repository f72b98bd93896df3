import type OpenAI from "openai";
import { environmentValue } from "../../contract/environment-value.ts";
import { defaultClient, missingSdk } from "../../contract/sdk.ts";
import { foreignClient, fromEnvironment } from "../../dialects/openai-sdk.ts";
import { ConfigError } from "../../errors/errors.ts";
import type { RestClient } from "./rest-types.ts";

/** An `OpenAI` or `AzureOpenAI` instance, or the older client of `@azure-rest/ai-inference`. */
export type AzureClient = OpenAI | RestClient;

const environment = [
  "AZURE_OPENAI_ENDPOINT",
  "AZURE_OPENAI_API_KEY",
  "AZURE_OPENAI_API_VERSION",
  "OPENAI_API_VERSION",
  "AZURE_INFERENCE_ENDPOINT",
  "AZURE_INFERENCE_CREDENTIAL",
  "OPENAI_CUSTOM_HEADERS",
];

/** The client the environment describes. Throws `ConfigError` where it describes none. */
export const ownClient = defaultClient<AzureClient>(environment, async () => {
  const [openaiEndpoint, inferenceEndpoint] = [
    environmentValue("AZURE_OPENAI_ENDPOINT"),
    environmentValue("AZURE_INFERENCE_ENDPOINT"),
  ];
  if (openaiEndpoint) return openaiClient(openaiEndpoint);
  if (inferenceEndpoint) return restClient(inferenceEndpoint);
  throw new ConfigError(
    "callscope/azure makes its client from AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY, or from AZURE_INFERENCE_ENDPOINT and AZURE_INFERENCE_CREDENTIAL: set two of them or give a client.",
  );
});

// https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle: a dated version has paths of its own.
async function openaiClient(endpoint: string): Promise<OpenAI> {
  const apiKey = fromEnvironment("azure", "AZURE_OPENAI_API_KEY");
  const apiVersion = environmentValue("AZURE_OPENAI_API_VERSION") || environmentValue("OPENAI_API_VERSION");
  const { OpenAI, AzureOpenAI } = await import("openai").catch(missingSdk("openai", "azure"));
  const root = rootOf(endpoint);
  if (!apiVersion) {
    const options = foreignClient(apiKey, { authorization: `Bearer ${apiKey}` });
    return new OpenAI({ ...options, baseURL: `${root}/openai/v1/` });
  }
  // Its own `endpoint` option would make it refuse an `OPENAI_BASE_URL` that is meant for something else.
  return new AzureOpenAI({ ...foreignClient(apiKey, { "api-key": apiKey }), apiVersion, baseURL: `${root}/openai` });
}

/** The resource's address, whichever of its paths was copied from the portal. */
function rootOf(endpoint: string): string {
  let root = endpoint.trim();
  for (const tail of ["/", "/v1", "/openai"]) while (root.endsWith(tail)) root = root.slice(0, -tail.length);
  return root;
}

async function restClient(endpoint: string): Promise<RestClient> {
  const key = fromEnvironment("azure", "AZURE_INFERENCE_CREDENTIAL");
  const { default: makeClient } = await import("@azure-rest/ai-inference").catch(
    missingSdk("@azure-rest/ai-inference", "azure"),
  );
  return makeClient(endpoint, { key });
}
