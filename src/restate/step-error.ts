import { TerminalError } from "@restatedev/restate-sdk";
import type { KeptFailure } from "../errors/kept-failure.ts";

/**
 * A request or a tool that failed, as the journal has it: the same in the run that met it and in each that replays it.
 * `classify` sees in it what it saw in the error itself. Restate does not try again what it ends: its `code` is the
 * HTTP status the provider gave, else 500.
 */
export class StepError extends TerminalError {
  override readonly name = "StepError";
  readonly failure: KeptFailure;

  constructor(failure: KeptFailure) {
    const { name, kind, status, message } = failure;
    super(message, { errorCode: status ?? 500, metadata: { name, kind } });
    this.failure = failure;
  }
}
