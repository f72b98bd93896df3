import { CallscopeError } from "../errors/errors.ts";
import type { KeptFailure } from "../errors/kept-failure.ts";

/**
 * A request or a tool that failed, as the step has it: the same in the run that met it and in each that replays it.
 * `classify` sees in it what it saw in the error itself.
 */
export class StepError extends CallscopeError {
  override readonly name = "StepError";
  readonly code = "step";
  readonly failure: KeptFailure;

  constructor(failure: KeptFailure) {
    super(failure.message);
    this.failure = failure;
  }
}
