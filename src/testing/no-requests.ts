import { kindOfLayer, type Layer, type Outgoing, passesEvents } from "../contract/layer.ts";
import { ConfigError } from "../errors/errors.ts";

/**
 * Refuses every request that would leave the process, with a `ConfigError` that names it. What `fake`, `tape` or another
 * layer answers passes. Around a whole suite: `callscope/testing/vitest`.
 */
export function noRequests(): Layer {
  return {
    name: "noRequests",
    perRequest: true,
    [kindOfLayer]: "refuses",
    [passesEvents]: true,
    async send(request, next) {
      if (request.standIn === undefined) throw refusal(request);
      return next(request);
    },
    stream(request, next) {
      if (request.standIn === undefined) throw refusal(request);
      return next(request);
    },
  };
}

function refusal({ provider, model, purpose }: Outgoing): ConfigError {
  const what = purpose === "call" ? "" : ` (${purpose})`;
  return new ConfigError(
    `noRequests(): a request to ${provider}, ${model}${what} was about to leave. Answer it: within({ layers: [fake(["…"])] }, …) or a tape.`,
  );
}
