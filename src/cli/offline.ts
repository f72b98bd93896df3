import { kindOfLayer, type Layer, type Outgoing, passesEvents } from "../contract/layer.ts";
import { ConfigError } from "../errors/errors.ts";
import { within } from "../send/scope.ts";

/** Runs what loads modules of the user's and their prompts: no request leaves meanwhile. */
export function offline<Result>(fn: () => Result): Result {
  return within({ layers: [refuseRequests()] }, fn);
}

function refuseRequests(): Layer {
  return {
    name: "callscope command",
    perRequest: true,
    [kindOfLayer]: "refuses",
    [passesEvents]: true,
    async send(request) {
      throw refusal(request);
    },
    stream(request) {
      throw refusal(request);
    },
  };
}

function refusal({ provider, model }: Outgoing): ConfigError {
  return new ConfigError(
    `A request to ${provider}, ${model} was about to leave while the command loads your modules and runs their prompts: it sends nothing. Make the call in a function that the module does not run by itself.`,
  );
}
