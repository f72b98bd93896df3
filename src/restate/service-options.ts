const minute = 60_000;
const day = 24 * 60 * minute;

/**
 * What a Restate service that asks models is best given (`restate.service({ …, options: serviceOptions })`; milliseconds).
 * Restate's own values are made for quick handlers: it ends a silent one after 1 + 10 minutes, in the middle of a long
 * answer, which is then paid twice; and it forgets what a key was answered after a day: a job that is resumed after a
 * weekend would pay for all of it again.
 */
export const serviceOptions = {
  /** Longer than the longest answer, its retries aside: while it comes, the handler is silent. */
  inactivityTimeout: 15 * minute,
  abortTimeout: 15 * minute,
  /** How long a row, or another call with an idempotency key, is known. */
  idempotencyRetention: 30 * day,
  journalRetention: 7 * day,
} as const;
