import { joinStacks } from "../contract/layer-stack.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { mergeParams } from "../prepare/merge-params.ts";
import type { Definition } from "../prepare/prepare.ts";
import type { Scope } from "../send/scope.ts";
import { joinSignals } from "../send/signals.ts";
import { watch, watched } from "../send/watch.ts";

/** The call as it is made here and now: with what the scope around it gives, and watched where somebody watches. */
export function begin<P extends ProviderTypes>(defined: Definition<P>, scope: Scope | undefined): Definition<P> {
  const call = scope === undefined ? defined : inScope(defined, scope);
  const { channels } = watch;
  if (channels === undefined) return call;
  const { request, tool, call: calls, loop } = channels;
  return request.hasSubscribers || tool.hasSubscribers || calls.hasSubscribers || loop.hasSubscribers
    ? watched(call)
    : call;
}

// A call's own definition < its scope < `.with` < the prompt's dynamic configuration; signals and deadlines add up.
function inScope<P extends ProviderTypes>(defined: Definition<P>, scope: Scope): Definition<P> {
  const { layers, model: _, callParams: __, ...outer } = scope;
  const own = defined.sending ?? {};
  const headers = (outer.headers ?? own.headers) && { ...outer.headers, ...own.headers };
  const sending = {
    ...withoutUndefined(outer),
    ...own,
    ...(headers && { headers }),
    ...((outer.prices ?? own.prices) && { prices: { ...outer.prices, ...own.prices } }),
    signal: joinSignals(outer.signal, own.signal),
  };
  return {
    ...routed(defined, scope),
    sending,
    layers: layers === undefined ? defined.layers : joinStacks(layers, defined.layers),
  };
}

/** A scope's model and parameters are for calls whose provider is chosen when the program runs. */
function routed<P extends ProviderTypes>(defined: Definition<P>, { model, callParams }: Scope): Definition<P> {
  const { route, given } = defined;
  if (route === undefined || (model === undefined && callParams === undefined)) return defined;
  const from = given?.from ?? defined;
  // The route takes the common parameters alone.
  const common = callParams as Partial<P["Params"]> | undefined;
  const params = mergeParams(mergeParams(from.callParams, common, from.provider), given?.callParams, from.provider);
  if (model === undefined || given?.model) return { ...defined, callParams: params };
  const target = route.find(model);
  // A client belongs to its provider, and headers may hold its key: neither moves along.
  const moves = target.provider.name !== from.provider.name;
  return { ...defined, ...target, callParams: params, client: moves && !given?.client ? undefined : defined.client };
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
