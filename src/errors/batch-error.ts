import { CallscopeError } from "./errors.ts";

/** Why a request of a batch has no answer. `missing`: the batch ended, and its results do not have it. */
export type BatchFault = "failed" | "expired" | "cancelled" | "missing";

/**
 * A request of a batch came back without an answer and without an error of its own: the batch as a whole failed, ran out of
 * time or was cancelled. Such a request was not billed.
 */
export class BatchError extends CallscopeError {
  override readonly name = "BatchError";
  readonly code: `batch_${BatchFault}`;
  readonly fault: BatchFault;
  /** The batch, as its provider names it. */
  readonly batch: string;

  constructor(fault: BatchFault, batch: string, message?: string) {
    super(message ?? `The batch ${batch} ${sentences[fault]}.`);
    this.fault = fault;
    this.code = `batch_${fault}`;
    this.batch = batch;
  }
}

const sentences: Readonly<Record<BatchFault, string>> = {
  failed: "failed as a whole",
  expired: "ran out of time before this request was answered",
  cancelled: "was cancelled before this request was answered",
  missing: "ended, and this request is not among its results",
};
