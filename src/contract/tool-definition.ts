import { freezeObjects } from "../json/freeze-objects.ts";
import { madeOnce } from "../json/made-once.ts";
import { rememberSound } from "../json/well-formed.ts";
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

/**
 * What tools are in a provider's form, each made once: a tool is the same at each call. Requests share it, so its objects
 * are frozen. What `make` throws, it throws for that tool at each call.
 */
export function toolForms<Form extends object>(make: (tool: ToolDefinition) => Form): (tool: ToolDefinition) => Form {
  return madeOnce((tool) => {
    const form = freezeObjects(make(tool));
    rememberSound(form);
    return form;
  });
}
