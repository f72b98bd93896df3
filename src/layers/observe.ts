import type { Answer } from "../contract/answer.ts";
import { givesReceived, type Layer, type Outgoing, passesEvents } from "../contract/layer.ts";
import { Received, toReceived } from "../contract/received.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { Failures, isReceived } from "./observe-failures.ts";
import type { Failed, Hooks } from "./observe-hooks.ts";
import { ObservedEvents } from "./observed-events.ts";
import { checkOptions } from "./options.ts";

const keys = ["request", "chunk", "response", "value", "tool", "loop", "error"] as const satisfies (keyof Hooks)[];

/**
 * Tells what happens around a call, in order, each thing once, also where a stream or a run is left. A hook that throws
 * ends the call with that very error, which is not told to `error`. Throws `ConfigError` for what is no hook.
 */
export function observe(hooks: Hooks): Layer {
  checkOptions("observe()", hooks, keys);
  const given = keys.filter((key) => hooks[key] !== undefined);
  if (given.length === 0) throw new ConfigError(`observe() needs a hook: one of ${keys.join(", ")}.`);
  for (const key of given) {
    if (typeof hooks[key] === "function") continue;
    throw new ConfigError(`The hook \`${key}\` is a function; it was given ${describe(hooks[key])}.`);
  }
  const failures = new Failures(hooks.error);
  return {
    name: "observe",
    [passesEvents]: true,
    [givesReceived]: true,
    send: (request, next) => observeSend(hooks, failures, request, next),
    stream: (request, next) => new ObservedEvents(hooks, failures, request, next),
    async call(use, next) {
      const end = await failures.around(use, () => next(use));
      // What stands for an answer that never came is no result to tell of.
      if (failures.answers(end.response)) return end;
      const value = await failures.own(() => hooks.value?.(end.value, end.response, use));
      return value === undefined ? end : { ...end, value };
    },
    async tool(use, next) {
      const output = await failures.around(use, () => next(use));
      await failures.own(() => hooks.tool?.(use, output));
      return output;
    },
    async loop(run, next) {
      const end = await failures.around(run, () => next(run), hooks.loop);
      await failures.own(() => hooks.loop?.(end, run));
      return end;
    },
  };
}

async function observeSend(
  hooks: Hooks,
  failures: Failures,
  request: Outgoing,
  next: Parameters<NonNullable<Layer["send"]>>[1],
): Promise<Received> {
  if (hooks.request !== undefined) await failures.own(() => hooks.request?.(request));
  let received: Received;
  let answer: Answer | undefined;
  try {
    received = toReceived(await next(request));
    answer = hooks.response && request.read(received);
  } catch (error) {
    return toReceived(await failures.tell(error, request));
  }
  const given = answer && (await failures.own(() => hooks.response?.(answer, request, false)));
  if (given === undefined) return received;
  if (!isReceived(given)) {
    failures.refuse(`The hook \`response\` gives { response } or nothing; it gave ${describe(given)}.`);
  }
  return given instanceof Received ? given : new Received({ ...received, ...given });
}

export type { Failed, Hooks };
