import type { JsonSchema } from "../schema/json-schema.ts";

/** A tool as a provider sees it: no function, only what is sent. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string | undefined;
  readonly schema: JsonSchema;
  readonly strict: boolean;
  /** Set where the tools up to and with this one are a stretch of the prompt to be cached. */
  readonly cache?: ToolCache | undefined;
}

/** How long a provider keeps tools that it caches; its own default when absent. */
export interface ToolCache {
  readonly ttl?: "5m" | "1h";
}
