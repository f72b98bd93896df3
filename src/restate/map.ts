import { patiently } from "../durable/patience.ts";
import { type AskEngine, type DurableMapOptions, type RowOutcome, rowsBy } from "../durable/rows.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import type { GivenOptions } from "../rows/plan.ts";
import type { Given, RowRun, RowSource, RowValue } from "../rows/types.ts";
import type { RowService } from "./row-service.ts";

/** What of Restate's ingress is needed: `clients.connect({ url })` of `@restatedev/restate-sdk-clients` gives it. */
export interface RowIngress {
  call<Parameter, Result>(options: {
    service: string;
    handler: string;
    parameter: Parameter;
    opts?: { readonly opts: { readonly idempotencyKey?: string } };
  }): Promise<Result>;
}

/**
 * Asks a `rowService` for every row of a source, `concurrency` (16) at once, and gives the rows as `map` of `callscope/rows`
 * does. Restate is the journal: a row of the same `name` and key is asked once, whoever asks and whatever is killed, for as
 * long as the service's `idempotencyRetention`. The window is this process's; when it ends, what is in flight goes on without
 * it, and the next run finds it. Throws `ConfigError`.
 */
export function map<Args extends unknown[], Result, Source>(
  ingress: RowIngress,
  service: RowService<Args, Result>,
  rows: RowSource<Source>,
  ...[options = {} as never]: Given<DurableMapOptions<Source>, Args, Source>
): RowRun<RowValue<Result>> {
  if (typeof ingress?.call !== "function") {
    throw new ConfigError(
      `map() takes Restate's ingress, as connect({ url }) of @restatedev/restate-sdk-clients gives it; it was given ${describe(ingress)}.`,
    );
  }
  if (typeof service !== "object" || service === null || typeof service.call !== "function") {
    throw new ConfigError(`map() takes what rowService() gives; it was given ${describe(service)}.`);
  }
  const given: GivenOptions = options;
  const ask: AskEngine = async (idempotencyKey, parameter) => {
    const asked = { service: service.name, handler: "row", parameter, opts: { opts: { idempotencyKey } } };
    try {
      return await patiently(() => ingress.call<typeof parameter, RowOutcome>(asked), isAway);
    } catch (error) {
      // Ended by somebody, or by what no row should do: of this row alone.
      if (ended.includes(statusOf(error) ?? 0)) return { error };
      throw error;
    }
  };
  return rowsBy(service.call, rows, given, ask);
}

const ended: readonly number[] = [409, 500];
const away: readonly number[] = [408, 425, 429, 502, 503, 504];

function isAway(error: unknown): boolean {
  const status = statusOf(error);
  // What `fetch` throws has no status.
  return status === undefined ? error instanceof TypeError || isLost(error) : away.includes(status);
}

function isLost(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as { readonly name?: unknown; readonly cause?: unknown };
  return name === "SocketError" || cause instanceof Error;
}

function statusOf(error: unknown): number | undefined {
  const { status } = (error ?? {}) as { readonly status?: unknown };
  return typeof status === "number" ? status : undefined;
}
