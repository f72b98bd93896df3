/** The proxy's names of who sells a model, where they are not ours. https://docs.litellm.ai/docs/providers */
const vendors: ReadonlyMap<string, string> = new Map([
  ["openai", "openai"],
  ["anthropic", "anthropic"],
  ["mistral", "mistral"],
  ["gemini", "gemini"],
  ["vertex_ai", "vertex"],
  ["groq", "groq"],
  ["cohere", "cohere"],
  ["cohere_chat", "cohere"],
  ["azure", "azure"],
  ["azure_ai", "azure"],
  ["bedrock", "bedrock"],
  ["bedrock_converse", "bedrock"],
]);

/**
 * Whose price list a model is looked up in: the proxy names a model `vendor/model`. Without the vendor its names are the
 * proxy owner's own and mean nothing here.
 */
export function pricedByVendor(model: string): { readonly provider: string; readonly model: string } | undefined {
  const slash = model.indexOf("/");
  const provider = slash > 0 ? vendors.get(model.slice(0, slash).toLowerCase()) : undefined;
  return provider === undefined ? undefined : { provider, model: model.slice(slash + 1) };
}
