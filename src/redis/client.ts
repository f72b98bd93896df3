import { createHash } from "node:crypto";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";

/** A client of the package `redis`, as far as it is used: one connection, a pool or a cluster, connected by its owner. */
export interface NodeRedisClient {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  get(key: string): Promise<unknown>;
  set(key: string, value: string, options?: { PX: number }): Promise<unknown>;
}

/** A client of the package `ioredis`, as far as it is used. */
export interface IORedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** A client of either package. */
export type RedisClient = NodeRedisClient | IORedisClient;

/** A script and the name by which the server knows it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

/** @internal What is asked of a client, whichever it is. */
export interface Commands {
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttl: number | undefined): Promise<void>;
}

/** @internal */
export function toScript(text: string): Script {
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}

/** @internal Throws `ConfigError` for what is a client of neither package. */
export function commandsOf(client: RedisClient): Commands {
  if (has(client, "evalSha") && has(client, "eval")) return ofNodeRedis(client as NodeRedisClient);
  if (has(client, "call") && has(client, "evalsha")) return ofIORedis(client as IORedisClient);
  throw new ConfigError(
    `redis() takes a client of the package \`redis\` (createClient) or \`ioredis\` (new Redis); it was given ${describe(client)}.`,
  );
}

function has(client: unknown, method: string): boolean {
  return typeof client === "object" && client !== null && typeof Reflect.get(client, method) === "function";
}

function ofNodeRedis(client: NodeRedisClient): Commands {
  return {
    run(script, keys, args) {
      const options = { keys: [...keys], arguments: [...args] };
      return loaded(
        () => client.evalSha(script.sha, options),
        () => client.eval(script.text, options),
      );
    },
    get: async (key) => toText(await client.get(key)),
    async set(key, value, ttl) {
      await client.set(key, value, ttl === undefined ? undefined : { PX: ttl });
    },
  };
}

function ofIORedis(client: IORedisClient): Commands {
  return {
    run({ sha, text }, keys, args) {
      const rest = [String(keys.length), ...keys, ...args];
      return loaded(
        () => client.call("EVALSHA", sha, ...rest),
        () => client.call("EVAL", text, ...rest),
      );
    },
    get: async (key) => toText(await client.call("GET", key)),
    async set(key, value, ttl) {
      await client.call("SET", key, value, ...(ttl === undefined ? [] : ["PX", String(ttl)]));
    },
  };
}

/** By its name where the server knows it, else with its text, after which it does. */
async function loaded(byName: () => Promise<unknown>, byText: () => Promise<unknown>): Promise<unknown> {
  try {
    return await byName();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("NOSCRIPT")) return byText();
    throw error;
  }
}

function toText(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}
