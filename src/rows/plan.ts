import { definition } from "../call/types.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { plainOrDropped } from "../json/plain.ts";
import { loopCall } from "../loop/types.ts";
import type { Scope } from "../send/scope.ts";
import { ambient } from "../send/scope.ts";
import type { Asked } from "./ask.ts";
import type { AskElsewhere } from "./elsewhere.ts";
import { hashOf, type Node } from "./fingerprint.ts";
import { storedArgs } from "./stored.ts";
import type { KeptOptions, MapOptions, Redact } from "./types.ts";

/** All that a run of rows is made of, checked. */
export interface Plan {
  readonly call: (...args: never[]) => unknown;
  readonly node: Node;
  readonly kind: "call" | "loop";
  readonly rows: unknown;
  /** The scope that the run was called in: its calls are made in it, whenever it is begun. */
  readonly scope: Scope | undefined;
  readonly concurrency: number;
  readonly maxFailures: number | undefined;
  readonly failed: NonNullable<KeptOptions<never>["failed"]>;
  readonly redact: Redact | undefined;
  /** Where rows are asked, if not here. */
  readonly elsewhere?: AskElsewhere;
  argsOf(row: unknown, ordinal: number): readonly unknown[];
  keyOf(row: unknown, ordinal: number, args: readonly unknown[]): string;
  /** What a function of the row says. */
  tagOf(row: unknown, ordinal: number): string | undefined;
  /** What the metadata of the answer says, or those of the prompt where there is none. */
  tagOfAnswer(end: { readonly asked: Asked } | object): string | undefined;
}

/** What `map` and `batch` are given beside the call and its rows, arguments included. */
export type GivenOptions = MapOptions<never> & {
  readonly args?: ((row: never, ordinal: number) => unknown) | undefined;
};

/** @internal The keys that every kind of run has. */
export const keptKeys: readonly string[] = [
  "args",
  "key",
  "journal",
  "name",
  "changed",
  "failed",
  "redact",
  "durability",
  "maxJournalBytes",
  "maxFailures",
  "signal",
  "sigint",
  "progress",
  "count",
  "tag",
  "lease",
] satisfies (keyof KeptOptions<never> | "args")[];

const defaultConcurrency = 16;

/** Checks a run. Throws `ConfigError`. */
export function planOf(
  what: string,
  call: unknown,
  rows: unknown,
  options: GivenOptions,
  keys: readonly string[],
): Plan {
  const { node, kind } = nodeOf(what, call);
  checkOptions(what, options, keys);
  const { args, key, tag, redact, concurrency = defaultConcurrency, maxFailures, failed = "keep" } = options;
  return {
    call: call as Plan["call"],
    node,
    kind,
    rows,
    scope: ambient.storage?.getStore(),
    concurrency,
    maxFailures,
    failed,
    redact,
    argsOf: (row, ordinal) => (args === undefined ? [row] : checkArgs(args(row as never, ordinal))),
    keyOf(row, ordinal, given) {
      if (key !== undefined) return checkKey(key(row as never, ordinal), ordinal);
      const text = redact === undefined ? JSON.stringify(given, plainOrDropped) : storedArgs(given, redact);
      return `${hashOf(text ?? "")}-${ordinal}`;
    },
    tagOf: (row, ordinal) => (typeof tag === "function" ? String(tag(row as never, ordinal)) : undefined),
    tagOfAnswer: (end) => (typeof tag === "string" ? tagIn(metadataOf(end, node), tag) : undefined),
  };
}

/** The call itself, or several in one. Throws `ConfigError`. */
export function nodeOf(what: string, call: unknown): { node: Node; kind: "call" | "loop" } {
  const given = typeof call === "function" ? (call as { [definition]?: Node; [loopCall]?: Node }) : {};
  const { [definition]: own, [loopCall]: looped } = given;
  if (own !== undefined) return { node: own, kind: "call" };
  if (looped !== undefined) return { node: looped, kind: "loop" };
  throw new ConfigError(`${what} takes a call, as openai.call(...) gives it; it was given ${describe(call)}.`);
}

function checkArgs(args: unknown): readonly unknown[] {
  if (Array.isArray(args)) return args;
  throw new ConfigError(`\`args\` gives the list of the call's arguments; it gave ${describe(args)}.`);
}

function checkKey(key: unknown, ordinal: number): string {
  if (typeof key === "string" && key !== "") return key;
  throw new ConfigError(
    `\`key\` gives a text that is not empty; for row ${ordinal} it gave ${key === "" ? '""' : describe(key)}.`,
  );
}

function metadataOf(end: object, node: Node): object | undefined {
  const metadata = "asked" in end ? (end.asked as Asked).responses.at(-1)?.metadata : undefined;
  return metadata ?? ("legs" in node ? undefined : node.prompt.metadata);
}

function tagIn(metadata: object | undefined, tag: string): string | undefined {
  if (metadata === undefined || !Object.hasOwn(metadata, tag)) return undefined;
  const value = (metadata as Record<string, unknown>)[tag];
  return value === undefined ? undefined : String(value);
}

function checkOptions(what: string, options: GivenOptions, keys: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new ConfigError(`The options of ${what} are an object; they were given as ${describe(options)}.`);
  }
  const unknown = unknownKey(`${what} has no option`, options, keys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  for (const name of ["concurrency", "maxFailures", "maxJournalBytes"] as const) {
    const { [name]: value = 1 } = options;
    if (!Number.isInteger(value) || value < 1) {
      throw new ConfigError(`\`${name}\` is a whole number from 1; it was given ${String(value)}.`);
    }
  }
  for (const name of ["args", "key", "redact"] as const) check(name, options[name], ["function"], "a function");
  for (const name of ["journal", "name"] as const) {
    check(name, options[name], ["string"], "a text");
    if (options[name] === "") throw new ConfigError(`\`${name}\` is a text that is not empty.`);
  }
  check("tag", options.tag, ["string", "function"], "a key of the metadata or a function");
  oneOf("changed", options.changed, ["refuse", "rerun"]);
  if (typeof options.failed !== "function") oneOf("failed", options.failed, ["keep", "rerun"]);
  oneOf("durability", options.durability, ["normal", "full"]);
  const needless = (["name", "changed", "redact", "durability", "maxJournalBytes"] as const).find(
    (name) => options.journal === undefined && options[name] !== undefined,
  );
  if (needless !== undefined)
    throw new ConfigError(`\`${needless}\` is of a journal: give \`journal\`, the path of its file.`);
  if (options.signal !== undefined && typeof options.signal?.addEventListener !== "function") {
    throw new ConfigError(`\`signal\` is an AbortSignal; it was given ${describe(options.signal)}.`);
  }
}

function check(name: string, value: unknown, types: readonly string[], what: string): void {
  if (value === undefined || types.includes(typeof value)) return;
  throw new ConfigError(`\`${name}\` is ${what}; it was given ${describe(value)}.`);
}

function oneOf(name: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || (typeof value === "string" && words.includes(value))) return;
  const list = words.map((word) => `"${word}"`).join(" or ");
  throw new ConfigError(`\`${name}\` is ${list}; it was given ${JSON.stringify(value) ?? describe(value)}.`);
}
