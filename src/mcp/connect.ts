import type { Client } from "@modelcontextprotocol/client";
import { ConfigError } from "../errors/errors.ts";
import { amount, checkFunction, checkOptions } from "../layers/options.ts";
import { checkPrefix, McpConnection, type McpOptions } from "./connection.ts";
import { checkTarget, loadClient, type McpTarget, openTransport } from "./target.ts";

/** What `connectMcp` takes beside the server. */
export interface ConnectOptions extends McpOptions {
  /** What the server is told of you. */
  readonly clientInfo?: { readonly name: string; readonly version: string } | undefined;
  /**
   * Which revision of the protocol is spoken: `"auto"` (the default) asks the server first and takes 2026-07-28 where it
   * can, `"2025-11-25"` does not ask, `"2026-07-28"` takes nothing else.
   */
  readonly protocol?: "auto" | "2025-11-25" | "2026-07-28" | undefined;
  /** Ends the connecting. */
  readonly signal?: AbortSignal | undefined;
}

const keys: readonly string[] = [
  "prefix",
  "only",
  "onChange",
  "timeout",
  "deadline",
  "media",
  "onProgress",
  "clientInfo",
  "protocol",
  "signal",
] satisfies (keyof ConnectOptions)[];

const negotiations = {
  auto: { mode: "auto" },
  "2025-11-25": { mode: "legacy" },
  "2026-07-28": { mode: { pin: "2026-07-28" } },
} as const;

/**
 * Connects to a server of the Model Context Protocol: a program (`{ command, args }`), an address (`{ url }`), or a client of
 * the SDK that is connected (`{ client }`). Its tools are then ours, its resources and prompts messages. Nothing that the
 * server asks of a client beyond that (sampling, questions to the user, roots) is offered. Needs the package
 * `@modelcontextprotocol/client`, version 2. Throws `ConfigError`, and what the SDK throws.
 */
export async function connectMcp(target: McpTarget, options: ConnectOptions = {}): Promise<McpConnection> {
  checkTarget(target);
  check(options);
  const { signal, clientInfo, protocol, ...rest } = options;
  const client = "client" in target ? target.client : await open(target, options);
  const connection = new McpConnection(client, rest, !("client" in target));
  try {
    await connection.watch();
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

async function open(target: Exclude<McpTarget, { client: Client }>, options: ConnectOptions): Promise<Client> {
  const { clientInfo = { name: "callscope", version: "1" }, protocol = "auto", signal } = options;
  const { Client: SdkClient } = await loadClient();
  const client = new SdkClient({ ...clientInfo }, { versionNegotiation: negotiations[protocol] });
  const transport = await openTransport(target);
  try {
    await client.connect(transport, signal === undefined ? {} : { signal });
  } catch (error) {
    // A program that was started and does not speak the protocol is not left running.
    await transport.close().catch(() => undefined);
    signal?.throwIfAborted();
    throw error;
  }
  return client;
}

function check(options: ConnectOptions): void {
  checkOptions("connectMcp()", options, keys);
  const { prefix, onChange, onProgress, timeout, deadline, media = "send", protocol = "auto" } = options;
  checkPrefix(prefix);
  checkFunction("onChange", onChange);
  checkFunction("onProgress", onProgress);
  if (timeout !== undefined) amount("timeout", timeout, 1);
  if (deadline !== undefined) amount("deadline", deadline, 1);
  checkWord("media", media, ["send", "describe"]);
  checkWord("protocol", protocol, Object.keys(negotiations));
}

function checkWord(name: string, word: string, words: readonly string[]): void {
  if (words.includes(word)) return;
  throw new ConfigError(`\`${name}\` is ${words.join(", ")}; it was given ${JSON.stringify(word)}.`);
}
