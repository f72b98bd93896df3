import type OpenAI from "openai";
import type { OpenAISdkTypes } from "../../../dialects/openai-sdk.ts";

/** Chat Completions of a service that speaks OpenAI's wire. `Extra` are parameters of its own, beside OpenAI's. */
export interface CompatibleTypes<Extra extends object = object> extends Omit<OpenAISdkTypes, "Params"> {
  /** An `OpenAI` whose `baseURL` is the service's. */
  Client: OpenAI;
  Params: OpenAISdkTypes["Params"] & Extra;
}

/** Ways in which a service differs from OpenAI's own. */
export interface Quirks {
  /**
   * False where `tool_choice` forces no tool: a structured answer's tool is then asked for in words besides. True by
   * default.
   */
  readonly forcesTools?: boolean;
  /** False where a stream's usage must not be asked for by `stream_options`. True by default. */
  readonly asksForUsage?: boolean;
}

/** A service that speaks OpenAI's wire at another address. */
export interface CompatibleService extends Quirks {
  /**
   * What errors, telemetry, saved conversations and journals call it: letters, digits, `.`, `_` and `-`. None of this
   * library's own providers.
   */
  readonly name: string;
  /** Its address up to `/chat/completions`, as `http://127.0.0.1:11434/v1`. */
  readonly baseURL: string;
  /** Its key. Without one, and without `apiKeyFrom`, no key is sent. */
  readonly apiKey?: string;
  /** The environment variable that has the key, read on the first call. */
  readonly apiKeyFrom?: string;
  /** `gen_ai.provider.name` in telemetry, where the conventions call it otherwise than `name`. */
  readonly telemetryName?: string;
}
