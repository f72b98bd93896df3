import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import type { BudgetStore, Purse, PurseLimits, PurseState, Reserved } from "../layers/budget-store.ts";
import type { CacheStore } from "../layers/cache-store.ts";
import { type LimitRates, type LimitRequest, type LimitStore, window } from "../layers/limit-store.ts";
import { commandsOf, type RedisClient, toScript } from "./client.ts";
import * as scripts from "./scripts.ts";

/** Where on a server the books are kept, and for how long. */
export interface RedisOptions {
  /** What all keys begin with; `"callscope"` by default. */
  readonly prefix?: string | undefined;
  /** Whose books these are, a tenant's say: calls share a limit or purse whose prefix and name are the same. */
  readonly name?: string | undefined;
  /**
   * How long a purse lasts, after which it is full again: `"day"` for the days of UTC, or spans of so many milliseconds,
   * counted from 1970. Absent: for ever.
   */
  readonly window?: "day" | number | undefined;
}

/** What all processes share that have the same server, prefix and name: a `store` for `limit`, `budget` and `cache`. */
export interface RedisStore {
  /** For `limit`. */
  take(request: LimitRequest, rates: LimitRates): Promise<number>;
  /** For `limit`, told tokens, and for `budget`, told a purse. */
  settle(id: string, tokens: number | undefined): Promise<void>;
  settle(id: string, used: Purse): Promise<PurseState>;
  /** For `limit`. */
  pause(ms: number): Promise<void>;
  /** For `limit`. */
  cancel(id: string): Promise<void>;
  /** For `budget`. */
  reserve(id: string, worst: Purse, limits: PurseLimits): Promise<Reserved>;
  /** For `budget`. */
  state(): Promise<PurseState>;
  /** For `cache`. */
  get(key: string): Promise<string | undefined>;
  /** For `cache`; `ttl` in milliseconds, for ever where it is absent. */
  set(key: string, value: string, ttl?: number): Promise<void>;
}

// The longest a waiter rests, milliseconds: so soon it hears of what other processes have given back.
const longestRest = 1_000;
const day = 86_400_000;
const keys = ["prefix", "name", "window"] as const;

const take = toScript(scripts.takeScript);
const correct = toScript(scripts.correctScript);
const cancel = toScript(scripts.cancelScript);
const pause = toScript(scripts.pauseScript);
const reserve = toScript(scripts.reserveScript);
const settle = toScript(scripts.settleScript);
const state = toScript(scripts.stateScript);

/**
 * A store on a Redis or Valkey server. Each step is one script, by the server's clock; of each process one request at most
 * waits there, in the order in which they came. The client stays the caller's: to be connected, and closed in the end; its
 * errors reach the caller as they are. Throws `ConfigError` for a client of neither package and options without sense.
 */
export function redis(client: RedisClient, options: RedisOptions = {}): RedisStore {
  const { prefix, name, span } = checked(options);
  const commands = commandsOf(client);
  // What one script touches lies in one slot of a cluster: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec
  const key = (kind: string) => `${prefix}:{${name}}:${kind}`;
  const [starts, tokens, facts, queue, seen] = ["starts", "tokens", "facts", "queue", "seen"].map((kind) =>
    key(`limit:${kind}`),
  ) as [string, string, string, string, string];
  const purse = [key("budget:books"), key("budget:open")];
  const ask = async (script: typeof settle, ...args: string[]) =>
    toState(await commands.run(script, purse, [String(span), ...args]));
  const store = {
    async take({ id, tokens: need }: LimitRequest, rates: LimitRates) {
      const limits = [rates.requests ?? -1, rates.tokens ?? -1, window, longestRest];
      const all = [starts, tokens, facts, queue, seen];
      return Number(await commands.run(take, all, [id, String(need), ...limits.map(String)]));
    },
    async settle(id: string, used: number | undefined | Purse) {
      if (typeof used === "object") return (await ask(settle, id, ...amountsOf(used))).state;
      if (used !== undefined) await commands.run(correct, [tokens, facts], [id, String(used)]);
      return undefined;
    },
    async pause(ms: number) {
      await commands.run(pause, [facts], [String(ms), String(window)]);
    },
    async cancel(id: string) {
      await commands.run(cancel, [facts, queue, seen], [id]);
    },
    async reserve(id: string, worst: Purse, limits: PurseLimits) {
      const told = await ask(reserve, id, ...amountsOf(worst), ...amountsOf(limits));
      return { fits: told.fits, ...told.state };
    },
    state: async () => (await ask(state)).state,
    get: (of: string) => commands.get(`${prefix}:${name}:cache:${of}`),
    set: (of: string, value: string, ttl?: number) => commands.set(`${prefix}:${name}:cache:${of}`, value, ttl),
  };
  // `settle` answers by what it is told, which its two signatures say.
  return store satisfies Omit<LimitStore & BudgetStore & CacheStore, "settle"> as RedisStore;
}

function checked(options: RedisOptions): { prefix: string; name: string; span: number } {
  if (typeof options !== "object" || options === null) {
    throw new ConfigError(`redis() takes an object of options; it was given ${describe(options)}.`);
  }
  const unknown = unknownKey("redis() has no option", options, keys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { prefix = "callscope", name = "shared", window: asked } = options;
  for (const [option, value] of Object.entries({ prefix, name })) {
    if (typeof value === "string" && value !== "") continue;
    throw new ConfigError(`\`${option}\` of redis() is a text that is not empty; it was given ${describe(value)}.`);
  }
  const span = asked === undefined ? 0 : asked === "day" ? day : asked;
  if (!Number.isSafeInteger(span) || (asked !== undefined && span < 1)) {
    throw new ConfigError(`\`window\` of redis() is "day" or whole milliseconds; it was given ${describe(asked)}.`);
  }
  // A name may come from outside: none can be written so that it is another's.
  return { prefix: encodeURIComponent(prefix), name: encodeURIComponent(name), span };
}

function amountsOf({ nanos, tokens, requests }: PurseLimits): string[] {
  return [nanos, tokens, requests].map((amount) => (amount === undefined ? "" : amount.toFixed(0)));
}

function toState(told: unknown): { fits: boolean; state: PurseState } {
  const [fits, ...amounts] = (told as unknown[]).map(Number) as [number, ...number[]];
  const purseAt = (index: number): Purse => {
    const [nanos = 0, tokens = 0, requests = 0] = amounts.slice(index);
    return { nanos, tokens, requests };
  };
  return { fits: fits === 1, state: { spent: purseAt(0), reserved: purseAt(3) } };
}
