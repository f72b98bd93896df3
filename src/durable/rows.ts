import { ConfigError } from "../errors/errors.ts";
import { isOfEngine } from "../errors/kept-failure.ts";
import { isPlain } from "../json/is-plain.ts";
import type { ToolLoopRun } from "../loop/types.ts";
import { decodeBytes, encodeBytes } from "../message/history.ts";
import { type Asked, ask, type Used, usedBy, usedUntil } from "../rows/ask.ts";
import type { ElsewhereRow } from "../rows/elsewhere.ts";
import { fingerprintOf, hashOf, partsOf } from "../rows/fingerprint.ts";
import { type GivenOptions, nodeOf, type Plan, planOf } from "../rows/plan.ts";
import { RowError } from "../rows/row-error.ts";
import { Rows } from "../rows/row-run.ts";
import { readStored, type StoredAnswer, storedAnswer, storedFailure } from "../rows/stored.ts";
import type { KeptOptions, MapOptions, RowRun, StoredFailure } from "../rows/types.ts";

/** The options of a `map` over an engine, which is the journal of its rows. */
export interface DurableMapOptions<Source>
  extends Pick<KeptOptions<Source>, "key" | "maxFailures" | "signal" | "sigint" | "progress" | "count" | "tag">,
    Pick<MapOptions<Source>, "concurrency"> {
  /** Which run this is: rows of the same run and key are asked once. By default the fingerprint of the call. */
  readonly name?: string | undefined;
}

/** What is asked for one row, as the engine keeps it. */
export interface RowQuestion {
  readonly args: readonly unknown[];
  /** Whose run asks. */
  readonly run: string;
}

/** What came of one row, as the engine keeps it. */
export type RowOutcome = {
  readonly version: 1;
  /** Whose run has asked for it first. */
  readonly run: string;
  readonly used: Partial<Used> & Pick<Used, "requests">;
} & ({ readonly answer: StoredAnswer } | { readonly failure: StoredFailure });

export const mapKeys: readonly string[] = [
  "args",
  "key",
  "name",
  "concurrency",
  "maxFailures",
  "signal",
  "sigint",
  "progress",
  "count",
  "tag",
] satisfies (keyof DurableMapOptions<never> | "args")[];

type Loop = ToolLoopRun<never, never>;

/** Checks the name and the call of rows that an engine asks. Throws `ConfigError`. */
export function checkRows(what: string, name: unknown, call: unknown): void {
  if (typeof name !== "string" || !/^[A-Za-z][\w.-]*$/.test(name)) {
    throw new ConfigError(
      `${what} takes a name of letters, digits, "_", "-" and "."; it was given ${JSON.stringify(name)}.`,
    );
  }
  nodeOf(what, call);
}

/** Asks for one row where the engine runs it. What the engine steers by is thrown; any other failure is its outcome. */
export async function answerRow(call: (...args: never[]) => unknown, { args, run }: RowQuestion): Promise<RowOutcome> {
  let loop: Loop | undefined;
  try {
    const asked = await ask(call, decodeBytes(args) as readonly unknown[], (given) => {
      loop = given;
    });
    const answer = { ...storedAnswer(asked, [], undefined), args: null };
    return { version: 1, run, used: { ...usedBy(asked, loop) }, answer };
  } catch (error) {
    if (isOfEngine(error)) throw error;
    const { key: _, ...failure } = storedFailure("", error, undefined);
    return { version: 1, run, used: { ...usedUntil(error, loop) }, failure: { key: "", ...failure } };
  }
}

/** Asks an engine for a row, by an id that is always the same for it. A rejection ends the run. */
export type AskEngine = (id: string, question: RowQuestion) => Promise<RowOutcome | { readonly error: unknown }>;

/** A run over rows that an engine asks. */
export function rowsBy<Value>(
  call: unknown,
  rows: unknown,
  options: GivenOptions,
  askEngine: AskEngine,
): RowRun<Value> {
  // The journal's own options are none of these.
  const { name, ...rest } = options;
  const plan = planOf("map()", call, rows, rest, mapKeys);
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw new ConfigError("`name` is a text that is not empty.");
  }
  const run = crypto.randomUUID();
  let named: Promise<string> | undefined;
  const elsewhere = async ({ key, args }: { readonly key: string; readonly args: readonly unknown[] }) => {
    named ??= name === undefined ? partsOf(plan.node, plan.kind).then(fingerprintOf) : Promise.resolve(name);
    const fault = faultOf(args);
    if (fault !== undefined) return notAsked(fault);
    const question = { args: encodeBytes(args) as readonly unknown[], run };
    return readOutcome(plan, key, run, await askEngine(idOf(await named, key), question));
  };
  return new Rows<Value>({ ...plan, elsewhere }, rest);
}

/** What a row is known by in the engine: it goes through headers and addresses. */
function idOf(name: string, key: string): string {
  const text = encodeURIComponent(key.toWellFormed());
  return `${encodeURIComponent(name.toWellFormed())}/${text.length > 200 ? hashOf(key) : text}`;
}

const nothing: Used = { cost: 0, inputTokens: 0, outputTokens: 0, requests: 0 };

function notAsked(error: unknown): ElsewhereRow {
  return { ...nothing, end: { error }, resumed: false, tag: undefined };
}

async function readOutcome(
  plan: Plan,
  key: string,
  run: string,
  outcome: Awaited<ReturnType<AskEngine>>,
): Promise<ElsewhereRow> {
  if ("error" in outcome) return notAsked(outcome.error);
  const { cost, inputTokens, outputTokens, requests } = outcome.used;
  const facts = { cost, inputTokens, outputTokens, requests, resumed: outcome.run !== run };
  if ("failure" in outcome) {
    return { ...facts, end: { error: new RowError({ ...outcome.failure, key }) }, tag: tagOf(plan, undefined) };
  }
  const tag = tagOf(plan, outcome.answer.prepared);
  try {
    return { ...facts, tag, end: { value: await readStored(plan.node, outcome.answer) } };
  } catch (error) {
    return { ...facts, tag, end: { error } };
  }
}

function tagOf(plan: Plan, prepared: string | null | undefined): string | undefined {
  const given = JSON.parse(prepared ?? "null") as
    | { readonly metadata?: object }
    | readonly { readonly metadata?: object }[]
    | null;
  const last = Array.isArray(given) ? given.at(-1) : (given as { readonly metadata?: object } | null);
  // Of an answer nothing but its metadata is looked at.
  const asked = { value: undefined, loop: undefined, responses: last == null ? [] : [last] } as unknown as Asked;
  return plan.tagOfAnswer({ asked });
}

/** Why arguments cannot be sent to another process. */
function faultOf(args: readonly unknown[]): ConfigError | undefined {
  const path = foreignIn(args, "args");
  if (path === undefined) return undefined;
  return new ConfigError(
    `${path} cannot be sent to another process: arguments of a row are texts, numbers, bytes, and arrays and objects of these. Make them in \`args\`.`,
  );
}

/** Where something is that JSON would change. */
function foreignIn(value: unknown, path: string): string | undefined {
  if (value === null || value === undefined || typeof value === "string" || typeof value === "boolean")
    return undefined;
  if (value instanceof Uint8Array) return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : path;
  if (typeof value !== "object") return path;
  if (!isPlain(value)) return path;
  for (const [key, item] of Object.entries(value)) {
    const found = foreignIn(item, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
