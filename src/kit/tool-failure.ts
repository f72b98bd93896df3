import { CallscopeError } from "../errors/errors.ts";

/**
 * What a tool of the kit could not or would not do. It is given, not thrown: the model reads its message, marked as an
 * error, and may try something else.
 */
export class ToolFailure extends CallscopeError {
  override readonly name = "ToolFailure";
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** `refused`: against the rules of the tool; `limit`: too large, too long or too much; `failed`: it was tried. */
export type FailureCode = "refused" | "limit" | "failed";

/**
 * What `work` gives, or its `ToolFailure`. Throws what else it threw, and the reason of the signal that was aborted:
 * then nobody waits for a result.
 */
export async function orFailure<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T | ToolFailure> {
  signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ToolFailure) return error;
    throw error;
  }
}
