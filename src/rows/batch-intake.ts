import type { ProviderTypes } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import { prepare } from "../prepare/evaluate.ts";
import type { Definition, Prepared } from "../prepare/prepare.ts";
import type { Item } from "./batch-store.ts";
import { hashOf } from "./fingerprint.ts";
import type { JournalRun, KnownRow } from "./journal-run.ts";
import type { Plan } from "./plan.ts";
import { isOpen, readRow } from "./read-row.ts";
import { DuplicateKeyError } from "./row-error.ts";
import { isUnreadable } from "./source.ts";
import { storedArgs } from "./stored.ts";

/** What becomes of a row of the source. */
export type Taken =
  | { readonly is: "open"; readonly item: Item; readonly facts: Facts }
  | { readonly is: "known"; readonly known: KnownRow; readonly key: string; readonly facts: Facts }
  | {
      readonly is: "failed";
      readonly key: string;
      readonly facts: Facts;
      readonly error: unknown;
      readonly kept: boolean;
    }
  | { readonly is: "passed" };

/** What is known of it before it is asked. */
export interface Facts {
  readonly ordinal: number;
  readonly args: readonly unknown[];
  readonly tag: string | undefined;
  readonly replaces: number | undefined;
}

/** Takes rows of the source one by one: which are to be asked, and by which request. */
export class Intake {
  readonly #call: Definition<ProviderTypes>;
  readonly #plan: Plan;
  readonly #journal: JournalRun | undefined;
  /** Keys of rows that an earlier run put into a batch: they are not asked again, and met once. */
  readonly #before = new Set<string>();
  readonly #met = new Set<string>();

  constructor(call: Definition<ProviderTypes>, plan: Plan, journal: JournalRun | undefined) {
    this.#call = call;
    this.#plan = plan;
    this.#journal = journal;
  }

  /** These keys are in batches that an earlier run handed in. */
  expect(keys: Iterable<string>): void {
    for (const key of keys) this.#before.add(key);
  }

  async take(given: unknown, ordinal: number): Promise<Taken> {
    const nothing = { ordinal, args: [], tag: undefined, replaces: undefined };
    if (isUnreadable(given)) {
      return { is: "failed", key: `line ${given.error.line}`, facts: nothing, error: given.error, kept: true };
    }
    const { key, args, tag, thrown } = readRow(this.#plan, given, ordinal);
    const facts = { ordinal, args, tag, replaces: undefined };
    if (this.#met.has(key)) return { is: "failed", key, facts, error: new DuplicateKeyError(key), kept: false };
    this.#met.add(key);
    if (this.#before.has(key)) return { is: "passed" };
    const known = this.#journal?.find(key);
    if (known !== undefined && !isOpen(known, this.#plan, this.#journal)) return { is: "known", known, key, facts };
    const open = { ...facts, replaces: known?.id };
    if (thrown !== undefined) return { is: "failed", key, facts: open, error: thrown.error, kept: true };
    try {
      return { is: "open", item: toItem(key, open, await this.#prepare(args)), facts: open };
    } catch (error) {
      return { is: "failed", key, facts: open, error, kept: true };
    }
  }

  async #prepare(args: readonly unknown[]): Promise<Prepared> {
    const { prepared } = await prepare(this.#call, args);
    const [dynamic] = prepared.dynamic;
    if (dynamic === undefined) return prepared;
    throw new ConfigError(
      `The prompt gave ${dynamic === "client" ? "a client" : "tools"} of its own, which a batch cannot keep for its answer: give them to the call, or use map().`,
    );
  }
}

function toItem(key: string, { ordinal, args, tag, replaces }: Facts, prepared: Prepared): Item {
  const kept = { args: storedArgs(args, undefined), prepared: JSON.stringify(prepared), attempts: "[]", asked: 0 };
  return { key, request: hashOf(key), ordinal, tag: tag ?? null, replaces: replaces ?? null, ...kept };
}
