import { createCall } from "../../../call/call.ts";
import type { Call } from "../../../call/types.ts";
import type { Provider } from "../../../contract/provider.ts";
import { describe } from "../../../errors/describe.ts";
import { ConfigError } from "../../../errors/errors.ts";
import { unknownKey } from "../../../errors/known-keys.ts";
import { type Preset, type PresetName, presets } from "./presets.ts";
import { providerOf } from "./provider.ts";
import type { CompatibleService, CompatibleTypes } from "./types.ts";

/** A service's `call`, as a subpath of this library has it. */
export interface Compatible<Extra extends object = object> {
  /** Binds a prompt to one of its models: `call(model, prompt)`, `call(model, options, prompt)`, `call(model, options?)(prompt)`. */
  readonly call: Call<CompatibleTypes<Extra>>;
  readonly provider: Provider<CompatibleTypes<Extra>>;
}

/**
 * A service that speaks OpenAI's Chat Completions at an address of its own, through the `openai` package:
 * `compatible("ollama")`, `compatible("vllm", { baseURL })`, or `compatible({ name, baseURL })` for any other. Errors,
 * telemetry and saved conversations carry its name, and none of OpenAI's settings or prices holds for it: `cost` is what
 * `prices` or the service itself says. `compatible<{ reasoning?: { effort: "low" | "high" } }>(…)` types parameters of its own.
 * Throws `ConfigError` for a name or an address that is none.
 */
export function compatible<Extra extends object = object>(
  service: PresetName | CompatibleService,
  changes?: Partial<Omit<CompatibleService, "name">>,
): Compatible<Extra> {
  const checked = checkedService(typeof service === "string" ? presetNamed(service) : service, changes);
  // Parameters pass as they are given; what they are is known to the compiler alone.
  const provider = providerOf(checked) as Provider<CompatibleTypes<Extra>>;
  return { call: createCall(provider), provider };
}

function presetNamed(name: string): Preset {
  if (Object.hasOwn(presets, name)) return presets[name as PresetName];
  throw new ConfigError(
    `compatible() knows ${Object.keys(presets).join(", ")}; for ${JSON.stringify(name)} give { name, baseURL }.`,
  );
}

const keys: readonly string[] = [
  "name",
  "baseURL",
  "apiKey",
  "apiKeyFrom",
  "telemetryName",
  "forcesTools",
  "asksForUsage",
] satisfies (keyof CompatibleService)[];

// What is saved, priced or journaled under these names is another provider's.
const taken: ReadonlySet<string> = new Set([
  "openai",
  "openai-responses",
  "anthropic",
  "mistral",
  "gemini",
  "vertex",
  "groq",
  "cohere",
  "litellm",
  "azure",
  "bedrock",
  "local",
]);

function checkedService(service: Preset, changes: Partial<CompatibleService> = {}): Preset {
  if (typeof service !== "object" || service === null) {
    throw new ConfigError(`compatible() takes a name or { name, baseURL }; it was given ${describe(service)}.`);
  }
  const isKnown = (Object.values(presets) as Preset[]).includes(service);
  const unknown = unknownKey("compatible() has no option", isKnown ? changes : { ...service, ...changes }, keys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const given = { ...service, ...changes, name: service.name };
  checkName(given.name);
  checkAddress(given.name, given.baseURL);
  return given;
}

function checkName(name: unknown): void {
  if (typeof name !== "string" || !/^[a-z0-9][\w.-]{0,39}$/i.test(name)) {
    throw new ConfigError(
      `A service's name has letters, digits, ".", "_" and "-", 40 at most; ${JSON.stringify(name)} is no such name.`,
    );
  }
  if (!taken.has(name)) return;
  throw new ConfigError(
    `"${name}" is a provider of this library: give the service that speaks OpenAI's wire a name of its own.`,
  );
}

function checkAddress(name: string, baseURL: unknown): void {
  const address = typeof baseURL === "string" && URL.canParse(baseURL) ? new URL(baseURL) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) {
    throw new ConfigError(
      `compatible("${name}") takes a baseURL that begins with http:// or https://, as http://127.0.0.1:11434/v1; it was given ${describe(baseURL)}.`,
    );
  }
  // It is told in telemetry and in errors, where a key has no place.
  if (address.username === "" && address.password === "") return;
  throw new ConfigError(`The baseURL of "${name}" holds a user or a password: give the key as \`apiKey\`.`);
}
