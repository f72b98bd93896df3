import { addLayers, checkLayers } from "../contract/layer-stack.ts";
import type { Provider, ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { mergeParams } from "../prepare/merge-params.ts";
import type { Definition, Sending } from "../prepare/prepare.ts";
import { checkSending } from "../send/check-sending.ts";
import { checkStructuredStream, checkTools } from "./options.ts";
import type { Overrides } from "./types.ts";

const overrideKeys: readonly string[] = [
  "model",
  "client",
  "callParams",
  "tools",
  "signal",
  "timeout",
  "idleTimeout",
  "headers",
  "prices",
  "deadline",
  "layers",
] satisfies (keyof Overrides<ProviderTypes>)[];

export function override<P extends ProviderTypes>(definition: Definition<P>, overrides: Overrides<P>): Definition<P> {
  if (typeof overrides !== "object" || overrides === null) {
    throw new ConfigError(`with() takes an object of overrides; it was given ${describe(overrides)}.`);
  }
  const unknown = unknownKey("with() has no override", overrides, overrideKeys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { model, client, callParams, tools, layers, ...rest } = overrides;
  // Like everywhere, `undefined` erases nothing.
  const sending: Sending = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (model === "") throw new ConfigError("A call needs the name of a model; with() was given an empty one.");
  if (tools !== undefined) checkTools(tools);
  if (layers !== undefined) checkLayers(layers);
  checkSending(sending);
  checkStructuredStream(definition.stream && definition.output?.schema !== undefined, tools ?? []);
  const target = moved(definition, model);
  // A client belongs to its provider: it does not move along.
  const kept = target.provider?.name === definition.provider.name || target.provider === undefined;
  const { headers: earlierHeaders, ...earlier } = definition.sending ?? {};
  // Nor do headers, which may hold its key.
  const headers = kept && earlierHeaders ? { ...earlierHeaders, ...sending.headers } : sending.headers;
  const joined = { ...earlier, ...sending, ...(headers && { headers }) };
  return {
    ...definition,
    ...target,
    client: client ?? (kept ? definition.client : undefined),
    callParams: mergeParams(definition.callParams, callParams, definition.provider),
    tools: tools ?? definition.tools,
    sending: Object.keys(joined).length > 0 ? joined : undefined,
    layers: addLayers(definition.layers, layers ?? []),
    given: given(definition, overrides),
  };
}

// What a scope could give as well, and must not override.
function given<P extends ProviderTypes>(
  definition: Definition<P>,
  { model, client, callParams }: Overrides<P>,
): Definition<P>["given"] {
  if (model === undefined && client === undefined && callParams === undefined) return definition.given;
  const earlier = definition.given ?? { from: definition };
  return {
    ...earlier,
    ...(model !== undefined && { model: true }),
    ...(client !== undefined && { client: true }),
    callParams: mergeParams(earlier.callParams ?? {}, callParams, definition.provider),
  };
}

function moved<P extends ProviderTypes>(
  { route }: Definition<P>,
  model: string | undefined,
): { provider?: Provider<P>; model?: string } {
  if (model === undefined) return {};
  return route === undefined ? { model } : route.find(model);
}
