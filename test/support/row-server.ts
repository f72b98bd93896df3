import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import OpenAI from "openai";
import { completion } from "./chat-server.ts";
import { type Answer, type LoopbackServer, startServer } from "./server.ts";

/** A server that answers every chat with what it was asked, and counts how often each was. */
export interface RowServer extends LoopbackServer {
  readonly client: OpenAI;
  /** How often each user's text was asked. */
  readonly asked: ReadonlyMap<string, number>;
  /** The most that were open at once. */
  readonly most: number;
}

const json = { "content-type": "application/json" };

/** Starts it. `answer` gives an answer of its own, or nothing for the usual one: the text in capitals. */
export async function startRows(
  answer: (text: string, answer: Answer) => unknown = () => undefined,
): Promise<RowServer> {
  const asked = new Map<string, number>();
  let open = 0;
  let most = 0;
  const server = await startServer(async (one) => {
    const { messages } = one.request.body as { messages: { content: string }[] };
    const text = messages[0]?.content ?? "";
    asked.set(text, (asked.get(text) ?? 0) + 1);
    most = Math.max(most, ++open);
    await answer(text, one);
    open--;
    if (!one.finished) one.send(200, json, JSON.stringify(completion({ content: text.toUpperCase() })));
  });
  const client = new OpenAI({ apiKey: "sk-secret", baseURL: server.url, maxRetries: 0, logLevel: "off" });
  return {
    ...server,
    client,
    asked,
    get connections() {
      return server.connections;
    },
    get most() {
      return most;
    },
  };
}

/** A folder for one test's journals. Remove it with `using`. */
export function temporaryFolder(): Disposable & { path(name: string): string } {
  const folder = mkdtempSync(join(tmpdir(), "callscope-rows-"));
  return {
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The rows that a statement gives of a journal's file; with `readOnly` it can change nothing. */
export function query(path: string, sql: string, readOnly = false): unknown[] {
  const db = new DatabaseSync(path, { readOnly });
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    db.close();
  }
}
