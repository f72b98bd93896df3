import { type Context, type ServiceDefinition, service } from "@restatedev/restate-sdk";
import type { DurableOptions } from "../durable/layer.ts";
import { answerRow, checkRows, type RowOutcome, type RowQuestion } from "../durable/rows.ts";
import { within } from "../send/scope.ts";
import { durable } from "./durable.ts";
import { checkRuntime } from "./runtime.ts";
import { serviceOptions } from "./service-options.ts";

/** What a worker serves and `map` asks. */
export interface RowService<Args extends unknown[], Result> {
  readonly name: string;
  readonly call: (...args: Args) => Result;
  /** For the worker: `restate.serve({ services: [triageRows.service] })`. */
  readonly service: ServiceDefinition<string, { row: (ctx: Context, question: RowQuestion) => Promise<RowOutcome> }>;
}

/** How rows are asked for. */
export interface RowServiceOptions extends DurableOptions {
  /** Restate's own options of the service; `serviceOptions` unless they say otherwise. */
  readonly service?: Partial<Record<keyof typeof serviceOptions, number>> | undefined;
}

/**
 * A Restate service that asks a call, a fallback or a tool loop for one row at a time, each request and tool a durable step.
 * Any number of workers may serve it; `map` asks it from anywhere. Throws `ConfigError`.
 */
export function rowService<Args extends unknown[], Result>(
  name: string,
  call: (...args: Args) => Result,
  { service: own = {}, ...options }: RowServiceOptions = {},
): RowService<Args, Result> {
  checkRuntime();
  checkRows("rowService()", name, call);
  const row = (ctx: Context, question: RowQuestion) =>
    within({ layers: [durable(ctx, options)] }, () => answerRow(call as (...args: never[]) => unknown, question));
  return { name, call, service: service({ name, handlers: { row }, options: { ...serviceOptions, ...own } }) };
}
