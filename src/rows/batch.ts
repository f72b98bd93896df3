import { begin } from "../call/begin.ts";
import type { Batch, BatchService } from "../contract/batch.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import type { Definition } from "../prepare/prepare.ts";
import { ambient } from "../send/scope.ts";
import { Desk } from "./batch-desk.ts";
import { Intake } from "./batch-intake.ts";
import { Post } from "./batch-post.ts";
import { BatchStore } from "./batch-store.ts";
import type { BatchCall, BatchOptions, BatchRun } from "./batch-types.ts";
import { type BatchParts, BatchRunner } from "./batch-worker.ts";
import type { JournalRun } from "./journal-run.ts";
import { type GivenOptions, keptKeys, type Plan, planOf } from "./plan.ts";
import { type MakeWorker, Rows, type RowWorker } from "./row-run.ts";
import type { Given, RowSource, RowValue, StopReason, Totals } from "./types.ts";

const settings = ["role", "bucket", "clients"] as const;
const keys = [...keptKeys, "concurrency", "poll", "limits", "again", "keepFiles", "adopt", ...settings];
const defaultPoll = 30_000;

type Call = Definition<ProviderTypes>;
type GivenBatch = BatchOptions<never> & GivenOptions;

/**
 * Asks a call for every row of a source through the provider's batch API: about half the price, an answer within a day.
 * Rows are split by the service's limits, handed in, looked at every `poll` milliseconds, and read as the call itself reads
 * them. Iterate the run for the rows as they come back, or await it for the totals. With a `journal` the run can end at any
 * time and go on in another process: a batch is written down before it is handed in and looked for before it is handed in
 * again, so that it is never paid for twice; where the service cannot tell (Anthropic), a `BatchUnsureError` asks. Layers
 * stand around requests and see nothing of a batch; those that decide about requests (`budget`, `limit`, `tape`,
 * `noRequests`) refuse it. Throws `ConfigError` for options that make no sense and for providers that have no batches.
 */
export function batch<P extends ProviderTypes, Args extends unknown[], Result, Source>(
  call: BatchCall<P, Args, Result>,
  rows: RowSource<Source>,
  ...[options = {} as never]: Given<BatchOptions<Source>, Args, Source>
): BatchRun<RowValue<Result>> {
  const given: GivenBatch = options;
  const plan = planOf("batch()", call, rows, given, keys);
  checkOptions(given);
  const node = nodeOf(plan);
  if (node.route === undefined) wireOf(node);
  return new BatchRows<RowValue<Result>>(plan, node, given);
}

class BatchRows<Value> extends Rows<Value> implements BatchRun<Value> {
  readonly #state: { worker?: BatchWorker; cancelled: boolean };

  constructor(plan: Plan, node: Call, options: GivenBatch) {
    const state: { worker?: BatchWorker; cancelled: boolean } = { cancelled: false };
    const make: MakeWorker = (...[, journal, tally, tell]) => {
      const desk = new Desk(plan, journal, tally, tell);
      const worker = new BatchWorker((store) => partsOf(node, plan, options, { journal, store, desk, tally }), journal);
      if (state.cancelled) worker.cancel();
      state.worker = worker;
      return worker;
    };
    super(plan, options, make);
    this.#state = state;
  }

  cancel(): Promise<Totals> {
    this.#state.cancelled = true;
    this.#state.worker?.cancel();
    return this.then((totals) => totals);
  }
}

/** Opens the service, and then works; what it is told before reaches it after. */
class BatchWorker implements RowWorker {
  readonly #make: (store: BatchStore) => Promise<BatchParts>;
  readonly #journal: JournalRun | undefined;
  readonly #told: ((runner: BatchRunner) => void)[] = [];
  #runner: BatchRunner | undefined;

  constructor(make: (store: BatchStore) => Promise<BatchParts>, journal: JournalRun | undefined) {
    this.#make = make;
    this.#journal = journal;
  }

  async work(): Promise<void> {
    const store = new BatchStore(this.#journal);
    try {
      const runner = new BatchRunner(await this.#make(store));
      this.#runner = runner;
      for (const tell of this.#told) tell(runner);
      await runner.work();
    } finally {
      store.close();
    }
  }

  stop(by: StopReason, reason?: unknown): void {
    this.#tell((runner) => runner.stop(by, reason));
  }

  cancel(): void {
    this.#tell((runner) => runner.cancel());
  }

  #tell(what: (runner: BatchRunner) => void): void {
    if (this.#runner === undefined) this.#told.push(what);
    else what(this.#runner);
  }
}

type Places = Pick<BatchParts, "store" | "desk" | "tally"> & { readonly journal: JournalRun | undefined };

async function partsOf(node: Call, plan: Plan, options: GivenBatch, places: Places): Promise<BatchParts> {
  const { journal, store, desk, tally } = places;
  if (node.route !== undefined) await node.route.load(node.provider);
  const call = begin(node, ambient.storage?.getStore());
  refuseLayers(call);
  const wire = await wireOf(call)();
  checkSettings(call, wire, options);
  const client = await call.provider.client(call.client);
  // The client is its own provider's; what is asked of it is of no type here.
  const service = (await wire.open(client, options)) as BatchService<object, object>;
  // Prompts that were kept without what is secret in them are of no use: their rows are asked from the beginning.
  if (plan.redact !== undefined) store.remove([...store.items(undefined)].map(({ key }) => key));
  const { poll = defaultPoll, limits = {}, again, adopt, keepFiles = false } = options;
  const most = again === "fail" ? 0 : call.validationRetries || (again === undefined ? 0 : 1);
  return {
    ...{ call, plan, service, store, desk, tally, poll, most, keepFiles },
    limits: {
      ...wire.limits,
      requests: Math.min(limits.requests ?? wire.limits.requests, wire.limits.requests),
      bytes: Math.min(limits.bytes ?? wire.limits.bytes, wire.limits.bytes),
    },
    intake: new Intake(call, plan, journal),
    post: new Post(service, store, adopt, plan.redact === undefined),
    again: again === "live" ? "live" : "batch",
  };
}

function nodeOf({ node, kind }: Plan): Call {
  if (kind === "loop")
    throw new ConfigError("batch() takes no tool loop: a batch answers each request once. Use map().");
  if ("legs" in node) throw new ConfigError(`batch() takes no ${node.name}: it asks one provider. Use map().`);
  if (node.stream) throw new ConfigError("batch() takes no call that streams: leave out `stream`, or use map().");
  return node;
}

function wireOf({ provider }: Call): () => Promise<Batch<object, object>> {
  if (provider.batch !== undefined) return () => provider.batch?.() as Promise<Batch<object, object>>;
  throw new ConfigError(`callscope/${provider.name} has no batches that take prompts: use map().`);
}

function refuseLayers({ layers }: Call): void {
  const [refusing] = layers?.levels.flat().filter(({ perRequest }) => perRequest) ?? [];
  if (refusing === undefined) return;
  const what = `The layer ${refusing.name ?? "that is perRequest"} stands around each request`;
  throw new ConfigError(`${what}, and a batch sends them all at once, past it: take it off, or use map().`);
}

function checkSettings({ provider }: Call, { needs = [] }: Batch<object, object>, options: GivenBatch): void {
  const needless = settings.find((name) => options[name] !== undefined && needs.length === 0);
  if (needless !== undefined) throw new ConfigError(`\`${needless}\` is for Bedrock; the call is on ${provider.name}.`);
}

function checkOptions({ poll = 1, limits = {}, again, adopt, keepFiles = false }: GivenBatch): void {
  if (!(Number.isFinite(poll) && poll > 0)) {
    throw new ConfigError(`\`poll\` is a number of milliseconds above 0; it was given ${String(poll)}.`);
  }
  for (const [name, value] of Object.entries(typeof limits === "object" && limits !== null ? limits : { limits })) {
    if ((name === "requests" || name === "bytes") && Number.isInteger(value) && Number(value) > 0) continue;
    throw new ConfigError("`limits` is { requests, bytes }, whole numbers from 1.");
  }
  if (again !== undefined && !["batch", "live", "fail"].includes(again)) {
    throw new ConfigError(`\`again\` is "batch", "live" or "fail"; it was given ${JSON.stringify(again)}.`);
  }
  if (typeof keepFiles !== "boolean") {
    throw new ConfigError(`\`keepFiles\` is true or false; it was given ${describe(keepFiles)}.`);
  }
  if (adopt !== undefined && (typeof adopt !== "string" || adopt === "")) {
    throw new ConfigError(`\`adopt\` is the id of a batch or "resubmit"; it was given ${describe(adopt)}.`);
  }
}
