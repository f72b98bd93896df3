import type { BatchService } from "../contract/batch.ts";
import { fromJSON } from "../contract/received.ts";
import { classify } from "../errors/classify.ts";
import { ConfigError } from "../errors/errors.ts";
import { isRefused } from "../errors/refused.ts";
import type { BatchStore, Item, OpenBatch } from "./batch-store.ts";
import { BatchUnsureError } from "./batch-unsure-error.ts";

type Service = BatchService<object, object>;

// How often a submission is tried that the service puts off.
const mostTries = 5;

/** Hands batches in, each once: what is about to be handed in is written down before, and looked for where it was lost. */
export class Post {
  readonly #service: Service;
  readonly #store: BatchStore;
  readonly #keepsPrompts: boolean;
  #adopt: string | undefined;

  /** `adopt` answers for one lost batch. Without `keepsPrompts` what is in the store is not what was sent. */
  constructor(service: Service, store: BatchStore, adopt: string | undefined, keepsPrompts: boolean) {
    this.#service = service;
    this.#store = store;
    this.#adopt = adopt;
    this.#keepsPrompts = keepsPrompts;
  }

  /** `stored` is what is kept of the rows. */
  async submit(items: readonly Item[], stored: readonly Item[], wait: Wait): Promise<OpenBatch> {
    const batch = this.#store.intend(`callscope-${crypto.randomUUID()}`, stored, Date.now());
    return this.#handIn(batch, items, wait);
  }

  async #handIn(batch: OpenBatch, items: readonly Item[], wait: Wait): Promise<OpenBatch> {
    const requests = items.map(toRequest);
    for (let tried = 1; ; tried++) {
      try {
        // No signal: one that ends in the middle leaves a batch that nobody knows of.
        return this.#store.submitted(batch, await this.#service.submit(requests, batch.name, {}));
      } catch (error) {
        // Whoever cannot know whether it arrived asks the service in the next run.
        if (!(error instanceof ConfigError) && !isRefused(error)) throw error;
        const { retryable, retryAfterMs } = classify(error);
        if (retryable && tried < mostTries && (await wait(retryAfterMs))) continue;
        this.#store.drop(batch, true);
        throw error;
      }
    }
  }

  /** A batch of an earlier run, as it is open now; `undefined` where there is none any more. Throws `BatchUnsureError`. */
  async recover(batch: OpenBatch, wait: Wait): Promise<OpenBatch | undefined> {
    if (!this.#store.isCurrent(batch)) {
      // Another call's: nobody asks for its answers any more.
      if (batch.service !== null) await this.#service.cancel(batch.service, {}).catch(() => {});
      this.#store.drop(batch, false);
      return undefined;
    }
    if (batch.service !== null) return batch;
    const found = await this.#find(batch);
    if (found !== undefined) return this.#store.submitted(batch, found);
    if (!this.#keepsPrompts) {
      this.#store.drop(batch, false);
      return undefined;
    }
    return this.#handIn(this.#store.renew(batch, Date.now()), [...this.#store.items(batch)], wait);
  }

  /** The id of a batch that was handed in, or nothing where it certainly never arrived. */
  async #find({ name, since, ...batch }: OpenBatch): Promise<string | undefined> {
    const ids = this.#store.requests({ name, since, ...batch });
    const known = new Set(this.#store.open().map(({ service }) => service));
    const found = await this.#service.find({ name, since, ids }, {});
    const candidates = found.filter(({ id }) => !known.has(id));
    const [only, ...more] = candidates.filter(({ sure }) => sure);
    if (only !== undefined && more.length === 0) return only.id;
    if (candidates.length === 0) return undefined;
    const adopted = this.#adopt;
    this.#adopt = undefined;
    if (adopted !== undefined) return adopted === "resubmit" ? undefined : adopted;
    const shown = candidates.map(({ id, created, requests }) => ({ id, created, requests }));
    throw new BatchUnsureError(shown, since, ids.length);
  }
}

/** Waits, at most so many milliseconds where they are told; false where the run is to stop. */
export type Wait = (ms: number | undefined) => Promise<boolean>;

/** The request of a row, as it is handed in. */
export function toRequest({ request: id, prepared }: Item): { readonly id: string; readonly request: object } {
  return { id, request: fromJSON((JSON.parse(prepared) as { readonly request: object }).request) };
}
