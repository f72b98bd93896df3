import { leavesOf } from "../call/combination.ts";
import { classify } from "../errors/classify.ts";
import { MissingPackageError, TimeoutError } from "../errors/errors.ts";
import { isOfEngine, ownErrorOf } from "../errors/kept-failure.ts";
import type { Scope } from "../send/scope.ts";
import type { Node } from "./fingerprint.ts";
import type { StopReason } from "./types.ts";

/** Whether an error is the end of the run rather than of its row: the row then stays open. */
export function endsRun(
  error: unknown,
  { node, scope }: { readonly node: Node; readonly scope: Scope | undefined },
): StopReason | "throw" | undefined {
  if (ownErrorOf(error)?.name === "BudgetError") return "budget";
  if (error instanceof MissingPackageError || isOfEngine(error)) return "throw";
  for (const signal of [scope?.signal, ...leavesOf(node).map(({ sending }) => sending?.signal)]) {
    if (signal?.aborted && (error === signal.reason || classify(error).kind === "aborted")) return "signal";
  }
  const isOver = scope?.until !== undefined && performance.now() >= scope.until;
  return isOver && error instanceof TimeoutError ? "deadline" : undefined;
}
