/** The parameters every provider is asked for by the same name; a provider that lacks one refuses it by name. */
export interface CommonParams {
  /** Randomness, from 0. */
  readonly temperature?: number;
  /** The most tokens the answer may have. */
  readonly maxTokens?: number;
  readonly topP?: number;
  readonly stop?: string | readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
}

/** What a request says of how to answer, in words common to all providers, as it is sent: `callParams` included. */
export interface SentSettings extends CommonParams {
  readonly topK?: number;
  /** How many answers are asked for. */
  readonly choices?: number;
  /** How much the model is to think, in the provider's own word. */
  readonly reasoning?: string;
  /** The stored answer that the conversation goes on from. */
  readonly previousResponse?: string;
  /** The form of the answer, where the request names one. */
  readonly form?: "text" | "json" | "image" | "speech";
}

/** Where a request has each setting, as a path of keys (`config.topP`); the first of several that has one counts. */
export type SettingPaths = { readonly [Name in keyof SentSettings]?: string | readonly string[] };

const texts: readonly string[] = ["reasoning", "previousResponse"] satisfies (keyof SentSettings)[];

/** Reads the settings of a request by their paths. What is not of the kind it must be is left out. */
export function settingsBy(paths: SettingPaths): (request: object) => SentSettings {
  return (request) => {
    const settings: Record<string, unknown> = {};
    for (const [name, path] of Object.entries(paths)) {
      for (const one of typeof path === "string" ? [path] : path) {
        const value = settingOf(name, valueAt(request, one));
        if (value === undefined) continue;
        settings[name] = value;
        break;
      }
    }
    // Each value was checked to be of its setting's kind.
    return settings as SentSettings;
  };
}

/** How telemetry speaks of a provider, in the words of OpenTelemetry's conventions for generative AI. */
export interface TelemetryNames {
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  /** `gen_ai.operation.name`; `chat` where it is absent. */
  readonly operation?: string;
  /** True for a model in this process. */
  readonly inProcess?: true;
}

function valueAt(request: object, path: string): unknown {
  let value: unknown = request;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function settingOf(name: string, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (name === "form") return formOf(value);
  if (texts.includes(name)) return typeof value === "string" ? value : undefined;
  if (name === "stop") {
    const list = typeof value === "string" ? [value] : value;
    return Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === "string") ? list : undefined;
  }
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A format's name, a media type, a list of modalities, or a schema that the answer is held to. */
function formOf(value: unknown): SentSettings["form"] {
  const words = (Array.isArray(value) ? value : [value]).map((word) => String(word).toLowerCase());
  if (words.includes("audio")) return "speech";
  if (words.includes("image")) return "image";
  if (words.some((word) => word.includes("json"))) return "json";
  if (words.some((word) => word.startsWith("text"))) return "text";
  return typeof value === "object" && !Array.isArray(value) ? "json" : undefined;
}
