import { DBOS } from "@dbos-inc/dbos-sdk";
import type { DurableOptions } from "../durable/layer.ts";
import { answerRow, checkRows, type RowOutcome, type RowQuestion } from "../durable/rows.ts";
import { within } from "../send/scope.ts";
import { durable } from "./durable.ts";

/** What workers run and `map` enqueues. */
export interface RowWorkflow<Args extends unknown[], Result> {
  /** Of the workflow and of its queue. */
  readonly name: string;
  readonly call: (...args: Args) => Result;
  /** The registered workflow. */
  readonly workflow: (question: RowQuestion) => Promise<RowOutcome>;
}

/**
 * A DBOS workflow that asks a call, a fallback or a tool loop for one row, each request and tool a durable step. Register it
 * before `DBOS.launch()`, in every process that is to work on the queue. Throws `ConfigError`.
 */
export function rowWorkflow<Args extends unknown[], Result>(
  name: string,
  call: (...args: Args) => Result,
  options: DurableOptions = {},
): RowWorkflow<Args, Result> {
  checkRows("rowWorkflow()", name, call);
  const workflow = DBOS.registerWorkflow(
    (question: RowQuestion) =>
      within({ layers: [durable(options)] }, () => answerRow(call as (...args: never[]) => unknown, question)),
    { name },
  );
  return { name, call, workflow };
}
