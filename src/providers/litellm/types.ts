import type OpenAI from "openai";
import type { OpenAISdkTypes } from "../../dialects/openai-sdk.ts";

/** What a LiteLLM proxy takes beside OpenAI's parameters. https://docs.litellm.ai/docs/proxy/user_keys#request-format */
export interface ProxyParams {
  /** Anything JSON, where OpenAI takes only strings: for logs, spend reports and routing. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Model groups to try when the asked one fails; an object changes the request for one of them. */
  readonly fallbacks?: readonly (string | Readonly<Record<string, unknown>>)[];
  /** How often the proxy itself repeats a failed request. */
  readonly num_retries?: number;
  readonly guardrails?: readonly (string | Readonly<Record<string, unknown>>)[];
  /** How the proxy's cache treats this request; times in seconds. https://docs.litellm.ai/docs/proxy/caching */
  readonly cache?: {
    readonly ttl?: number;
    readonly "s-maxage"?: number;
    readonly "no-cache"?: boolean;
    readonly "no-store"?: boolean;
    readonly namespace?: string;
    readonly "use-cache"?: boolean;
  };
  /** For spend reports and tag based routing. */
  readonly tags?: readonly string[];
}

/** A LiteLLM proxy's Chat Completions, as the `openai` package types them. */
export interface LiteLLMTypes extends Omit<OpenAISdkTypes, "Params"> {
  /** An `OpenAI` whose `baseURL` is the proxy. */
  Client: OpenAI;
  Params: Omit<OpenAISdkTypes["Params"], "metadata"> & ProxyParams;
}
