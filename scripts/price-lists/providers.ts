import type { FiledEntry } from "../../src/money/price-file.ts";
import { type GenaiModel, type GenaiProvider, genaiModels } from "./genai.ts";
import { join, type NamedStatement, withSound } from "./join.ts";
import { type LitellmModel, litellmStatement } from "./litellm.ts";

/** Where a provider of ours stands in the two lists. */
interface Place {
  readonly name: string;
  /** Its id in `genai-prices`, then those of vendors whose models it sells at the vendor's price. */
  readonly genai: readonly string[];
  /** What `litellm_provider` begins with, and the paths of its keys, the first of which wins. */
  readonly litellm: readonly string[];
  readonly paths: readonly string[];
  readonly keeps?: (name: string) => boolean;
  readonly sound?: true;
}

const isClaude = (name: string) => name.includes("claude");

/**
 * Azure sells the models of OpenAI and Anthropic at the vendor's price, those of others at its own. Open-weight models have
 * another price on every host. https://azure.microsoft.com/pricing/details/ai-foundry-models
 */
export const places: readonly Place[] = [
  { name: "openai", genai: ["openai"], litellm: ["openai", "text-completion-openai"], paths: ["", "openai/"] },
  { name: "anthropic", genai: ["anthropic"], litellm: ["anthropic"], paths: ["", "anthropic/"] },
  { name: "mistral", genai: ["mistral"], litellm: ["mistral"], paths: ["mistral/"] },
  {
    name: "gemini",
    genai: ["google"],
    litellm: ["gemini"],
    paths: ["gemini/", ""],
    keeps: (name) => !isClaude(name),
    sound: true,
  },
  {
    name: "vertex",
    genai: ["google", "anthropic"],
    litellm: ["vertex_ai"],
    paths: ["vertex_ai/", ""],
    sound: true,
  },
  { name: "groq", genai: ["groq"], litellm: ["groq"], paths: ["groq/"], keeps: () => true },
  { name: "cohere", genai: ["cohere"], litellm: ["cohere", "cohere_chat"], paths: ["", "cohere/"] },
  {
    name: "azure",
    genai: ["azure", "openai", "anthropic"],
    litellm: ["azure", "azure_ai"],
    paths: ["azure/", "azure_ai/"],
  },
  { name: "bedrock", genai: ["aws"], litellm: ["bedrock", "bedrock_converse"], paths: [""] },
];

const modes: ReadonlySet<unknown> = new Set(["chat", "responses", "completion"]);

/** The entries of every provider of ours, and the addresses that the prices were read from. */
export function joinAll(
  providers: readonly GenaiProvider[],
  models: Readonly<Record<string, LitellmModel>>,
  day: string,
): { readonly models: Record<string, FiledEntry[]>; readonly sources: string[] } {
  const sources: string[] = [];
  const sourceAt = (url: string | undefined) => {
    if (url === undefined) return undefined;
    if (!sources.includes(url)) sources.push(url);
    return sources.indexOf(url);
  };
  const joined = places.map((place) => {
    const listed = place.genai
      .flatMap((id) => genaiModels(providers.find((provider) => provider.id === id) as GenaiProvider, day))
      .filter(({ id }) => place.keeps?.(id) ?? true)
      .map((model): GenaiModel => (place.sound ? withSound(model) : model));
    const statements = statementsFor(place, models);
    return [place.name, join(listed, statements, sourceAt)] as const;
  });
  return { models: Object.fromEntries(joined), sources };
}

function statementsFor(place: Place, models: Readonly<Record<string, LitellmModel>>): NamedStatement[] {
  const found = new Map<string, NamedStatement & { readonly rank: number }>();
  for (const [key, model] of Object.entries(models)) {
    if (!isSoldBy(place, model) || !modes.has(model.mode)) continue;
    const rank = place.paths.findIndex((path) => path !== "" && key.startsWith(path));
    const path = rank < 0 ? "" : (place.paths[rank] ?? "");
    if (rank < 0 && !place.paths.includes("")) continue;
    const name = key.slice(path.length).toLowerCase();
    // What is left of a path is a region, a commitment or another vendor's model.
    if (name.includes("/") && place.name !== "groq") continue;
    if (place.keeps?.(name) === false) continue;
    const order = rank < 0 ? place.paths.length : rank;
    const known = found.get(name);
    if (known !== undefined && known.rank <= order) continue;
    const statement = litellmStatement(key, model);
    found.set(name, { ...(place.sound ? withSound(statement) : statement), model: name, rank: order });
  }
  return [...found.values()].map(({ rank: _, ...statement }) => statement);
}

function isSoldBy({ litellm, name }: Place, { litellm_provider: seller }: LitellmModel): boolean {
  if (typeof seller !== "string") return false;
  return litellm.includes(seller) || (name === "vertex" && seller.startsWith("vertex_ai"));
}
