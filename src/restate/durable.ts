import { type Context, RestateError } from "@restatedev/restate-sdk";
import type { Layer } from "../contract/layer.ts";
import { type DurableOptions, durableLayer } from "../durable/layer.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { contextHere } from "../send/context-here.ts";
import { checkRuntime } from "./runtime.ts";
import { waitBeside } from "./side-by-side.ts";
import { StepError } from "./step-error.ts";

// At import: on an older Node no handler would ever be reached.
checkRuntime();

// Restate's limit is 32 MiB a message; what is beyond never comes back, without an error (server 1.7.12: run).
const maxBytes = 30 * 1024 * 1024;

/** What of a context is needed; that of every kind of handler has it. */
export type DurableContext = Pick<Context, "run" | "sleep" | "request">;

/**
 * A layer that makes each request and each tool of a loop a durable step of a Restate handler: what its journal has is
 * never asked again, however the worker or the server ends. Use it for the handler's run alone:
 * `within({ layers: [durable(ctx)] }, () => call(…))`. A stream's step holds the whole answer, given as one event; waits are
 * `ctx.sleep`; a failure is kept, and thrown as a `StepError`. Throws `ConfigError`.
 */
export function durable(ctx: DurableContext, options: DurableOptions = {}): Layer {
  checkRuntime();
  for (const member of ["run", "sleep", "request"] as const) {
    if (typeof ctx?.[member] === "function") continue;
    throw new ConfigError(`durable() takes the context of a Restate handler; it was given ${describe(ctx)}.`);
  }
  return durableLayer(
    {
      step: (name, work, read) => {
        // The SDK runs a step in the async context of whoever waits first.
        const here = contextHere();
        const over = ctx.request().attemptCompletedSignal;
        const run = ctx.run(name, () => here(() => untilOver(work(over), over)));
        return waitBeside(ctx, run, read);
      },
      sleep: (ms) => waitBeside(ctx, ctx.sleep(Math.ceil(ms)), async () => {}),
      keepsOrder: true,
      isOwn: (error) => error instanceof RestateError,
      failed: (failure) => new StepError(failure),
      maxBytes,
    },
    options,
  );
}

/** What comes of work; of an attempt that is over nobody is told that its work was ended with it. */
function untilOver(work: Promise<string>, over: AbortSignal): Promise<string> {
  return work.catch((error: unknown) => {
    if (over.aborted) return new Promise<never>(() => {});
    throw error;
  });
}
