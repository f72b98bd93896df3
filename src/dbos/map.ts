import { DBOS, type DBOSClient } from "@dbos-inc/dbos-sdk";
import { patiently } from "../durable/patience.ts";
import { type AskEngine, type DurableMapOptions, type RowOutcome, type RowQuestion, rowsBy } from "../durable/rows.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import type { GivenOptions } from "../rows/plan.ts";
import type { Given, RowRun, RowSource, RowValue } from "../rows/types.ts";
import type { RowWorkflow } from "./row-workflow.ts";

/** The options of `map`. */
export interface DBOSMapOptions<Source> extends DurableMapOptions<Source> {
  /** Enqueues rows from a process that has not launched DBOS and works on none: `await DBOSClient.create({ … })`. */
  readonly client?: Pick<DBOSClient, "registerQueue" | "enqueue" | "retrieveWorkflow"> | undefined;
}

// Milliseconds between two looks of a worker at the queue, and of the run at a row.
const [dispatchEvery, lookEvery] = [50, 100];

/**
 * Asks a `rowWorkflow` for every row of a source over a DBOS queue, and gives the rows as `map` of `callscope/rows` does. At
 * most `concurrency` (16) rows are asked at once, in all processes together: the queue sees to it. PostgreSQL is the journal:
 * a row of the same `name` and key is asked once, whoever asks and whatever is killed. DBOS is launched before, or a `client`
 * given. When this process ends, what is in the queue goes on without it, and the next run finds it. Throws `ConfigError`.
 */
export function map<Args extends unknown[], Result, Source>(
  rows: RowWorkflow<Args, Result>,
  source: RowSource<Source>,
  ...[options = {} as never]: Given<DBOSMapOptions<Source>, Args, Source>
): RowRun<RowValue<Result>> {
  if (typeof rows !== "object" || rows === null || typeof rows.workflow !== "function") {
    throw new ConfigError(`map() takes what rowWorkflow() gives; it was given ${describe(rows)}.`);
  }
  const { client, ...rest }: DBOSMapOptions<never> = options;
  const { concurrency = 16 } = rest;
  const queue = client === undefined ? ownQueue(rows) : queueOf(client, rows.name);
  const settings = { globalConcurrency: concurrency, minPollingIntervalMs: dispatchEvery, onConflict } as const;
  let registered: Promise<unknown> | undefined;
  const ask: AskEngine = async (id, question) => {
    registered ??= patiently(() => queue.register(settings), isAway);
    await registered;
    await patiently(() => queue.start(id, question), isAway);
    try {
      return await patiently(() => queue.result(id), isAway);
    } catch (error) {
      if (isAway(error)) throw error;
      // Cancelled, or given up by the engine: of this row alone.
      return { error };
    }
  };
  // Twice as many are in the queue, so that its workers need not wait for this process to look.
  const given: GivenOptions = { ...rest, concurrency: Number.isInteger(concurrency) ? concurrency * 2 : concurrency };
  return rowsBy(rows.call, source, given, ask);
}

const onConflict = "always_update";

/** What is asked of a queue. */
interface RowQueue {
  register(settings: Parameters<DBOSClient["registerQueue"]>[1]): Promise<unknown>;
  start(id: string, question: RowQuestion): Promise<unknown>;
  result(id: string): Promise<RowOutcome>;
}

function ownQueue({ name, workflow }: Pick<RowWorkflow<never, unknown>, "name" | "workflow">): RowQueue {
  return {
    register: (settings) => DBOS.registerQueue(name, settings),
    start: (workflowID, question) => DBOS.startWorkflow(workflow, { workflowID, queueName: name })(question),
    result: (id) => DBOS.retrieveWorkflow<RowOutcome>(id).getResult({ pollingIntervalMs: lookEvery }),
  };
}

function queueOf(client: NonNullable<DBOSMapOptions<never>["client"]>, name: string): RowQueue {
  return {
    register: (settings) => client.registerQueue(name, settings),
    start: (workflowID, question) => client.enqueue({ queueName: name, workflowName: name, workflowID }, question),
    result: (id) => client.retrieveWorkflow<RowOutcome>(id).getResult({ pollingIntervalMs: lookEvery }),
  };
}

function isAway(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  // The system's own, and PostgreSQL's classes 08 and 57P: postgresql.org/docs/current/errcodes-appendix.html
  if (typeof code === "string" && /^(?:ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|57P|08)/.test(code)) return true;
  return typeof message === "string" && /^Connection terminated|timeout exceeded when trying to connect/.test(message);
}
