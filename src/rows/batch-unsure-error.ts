import type { BatchCandidate } from "../contract/batch.ts";
import { CallscopeError } from "../errors/errors.ts";

/**
 * A batch was handed in, and nobody knows whether it arrived: the process ended, or the connection broke, before its id came
 * back. Nothing was sent again. Look at the candidates and run again with `adopt`: the id of the one that it is, or
 * `"resubmit"` where it is none of them.
 */
export class BatchUnsureError extends CallscopeError {
  override readonly name = "BatchUnsureError";
  readonly code = "batch_unsure";
  /** The batches of the service that may be the lost one, the newest first. */
  readonly candidates: readonly BatchCandidate[];
  /** Epoch milliseconds, just before it was handed in. */
  readonly since: number;
  readonly requests: number;

  constructor(candidates: readonly BatchCandidate[], since: number, requests: number) {
    const ids = candidates.map(({ id }) => id).join(", ");
    const lost = `A batch of ${requests} requests was handed in at ${new Date(since).toISOString()}, and its id never came`;
    super(
      `${lost}. It may be one of these: ${ids}. Run again with \`adopt\`: the id of that one, or "resubmit" if it is none.`,
    );
    this.candidates = candidates;
    this.since = since;
    this.requests = requests;
  }
}
