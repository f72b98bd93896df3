import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { CommonParams, ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { mergeParams } from "../prepare/merge-params.ts";
import type { Definition } from "../prepare/prepare.ts";
import { joinSignals } from "../send/signals.ts";
import { type Asked, toAsked } from "./tools.ts";

type P = ProviderTypes;

/** What the AI SDK asks of a call, beside its messages. */
export interface Asking extends Asked {
  readonly common: CommonParams;
  /** The provider's own parameters, by their own names. */
  readonly callParams: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

/** The SDK's options in our words. What no call has is told to `warn`. */
export function toAsking(options: LanguageModelV4CallOptions, warn: (warning: SharedV4Warning) => void): Asking {
  const { topK, reasoning, headers = {}, abortSignal, providerOptions } = options;
  if (topK !== undefined) warn({ type: "unsupported", feature: "topK", details: advice("topK") });
  if (reasoning !== undefined && reasoning !== "provider-default") {
    warn({ type: "unsupported", feature: "reasoning", details: advice("reasoning") });
  }
  const callParams: unknown = providerOptions?.callscope ?? {};
  if (typeof callParams !== "object" || callParams === null || Array.isArray(callParams)) {
    throw new ConfigError(`\`providerOptions.callscope\` is an object of parameters; it is ${describe(callParams)}.`);
  }
  return {
    ...toAsked(options, warn),
    common: commonOf(options),
    callParams,
    // That of the client is its SDK's own.
    headers: Object.fromEntries(
      Object.entries(headers).filter((header): header is [string, string] => {
        return header[1] !== undefined && header[0].toLowerCase() !== "user-agent";
      }),
    ),
    signal: abortSignal,
  };
}

function advice(name: string): string {
  return `Each provider has a parameter of its own for \`${name}\`: give it in the call's \`callParams\`, or in \`providerOptions.callscope\`.`;
}

function commonOf(options: LanguageModelV4CallOptions): CommonParams {
  const { temperature, maxOutputTokens, topP, stopSequences, seed, frequencyPenalty, presencePenalty } = options;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxOutputTokens !== undefined && { maxTokens: maxOutputTokens }),
    ...(topP !== undefined && { topP }),
    ...(stopSequences !== undefined && stopSequences.length > 0 && { stop: stopSequences }),
    ...(seed !== undefined && { seed }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(presencePenalty !== undefined && { presencePenalty }),
  };
}

/** The call with what is asked of it. What it sets itself by the provider's own parameters stays. */
export function withAsking(leaf: Definition<P>, asking: Asking, stream: boolean): Definition<P> {
  const { tools, output, common, headers, signal } = asking;
  const sending = {
    ...leaf.sending,
    signal: joinSignals(leaf.sending?.signal, signal),
    ...(Object.keys(headers).length > 0 && { headers: { ...headers, ...leaf.sending?.headers } }),
  };
  // A call whose provider is chosen by the model's name has the common parameters as its own.
  const routed = leaf.route === undefined ? {} : common;
  const given = mergeParams(mergeParams(routed, leaf.callParams, leaf.provider), asking.callParams, leaf.provider);
  return {
    ...leaf,
    stream,
    partialTools: false,
    tools,
    output,
    callParams: given,
    common: leaf.route === undefined && Object.keys(common).length > 0 ? common : undefined,
    sending,
  };
}
