import { DBOS } from "@dbos-inc/dbos-sdk";
import type { Layer } from "../contract/layer.ts";
import { type DurableOptions, durableLayer } from "../durable/layer.ts";
import { ConfigError } from "../errors/errors.ts";
import { StepError } from "./step-error.ts";

/**
 * A layer that makes each request and each tool of a loop a durable step of a DBOS workflow: what its database has is
 * never asked again, however the process or PostgreSQL ends. Use it in a workflow, for its run alone:
 * `within({ layers: [durable()] }, () => call(…))`. A stream's step holds the whole answer, given as one event; waits are
 * `DBOS.sleep`; a failure is kept, and thrown as a `StepError`. Throws `ConfigError` outside of a workflow.
 */
export function durable(options: DurableOptions = {}): Layer {
  if (!DBOS.isInWorkflow()) {
    throw new ConfigError(
      "durable() stands in a DBOS workflow: call it in the function that DBOS.registerWorkflow() takes, outside of its steps.",
    );
  }
  return durableLayer(
    {
      step: (name, work, read) => DBOS.runStep(() => work(DBOS.stepStatus?.cancelSignal), { name }).then(read),
      keepsOrder: false,
      sleep: (ms) => DBOS.sleep(Math.ceil(ms)),
      isOwn: (error) => typeof (error as { readonly dbosErrorCode?: unknown } | null)?.dbosErrorCode === "number",
      failed: (failure) => new StepError(failure),
      maxBytes: undefined,
    },
    options,
  );
}
