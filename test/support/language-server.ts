import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";

// What an editor shows: the compiler's own language server, asked over its standard input as an editor asks it.
// https://microsoft.github.io/language-server-protocol/

const root = resolve(import.meta.dirname, "../..");

interface Place {
  readonly line: number;
  readonly character: number;
}

/** A file that is open in the server. */
export interface OpenFile extends AsyncDisposable {
  /** The code that hovering over a place shows. */
  hover(at: Place): Promise<string>;
  /** The names that are offered at a place. */
  completions(at: Place): Promise<string[]>;
}

type Server = ChildProcessByStdio<Writable, Readable, null>;

/** Opens a text as the file of this name, which need not exist. */
export async function openFile(path: string, text: string): Promise<OpenFile> {
  const server = spawn(join(root, "node_modules/.bin/tsc"), ["--lsp", "--stdio"], {
    cwd: root,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const { ask, tell } = talkTo(server);
  const uri = pathToFileURL(path).href;
  await ask("initialize", { processId: process.pid, rootUri: pathToFileURL(root).href, capabilities: {} });
  tell("initialized", {});
  tell("textDocument/didOpen", { textDocument: { uri, languageId: "typescript", version: 1, text } });
  const at = (position: Place) => ({ textDocument: { uri }, position });
  return {
    async hover(position) {
      const found = (await ask("textDocument/hover", at(position))) as { contents?: { value?: string } } | null;
      return found?.contents?.value ?? "";
    },
    async completions(position) {
      const found = (await ask("textDocument/completion", at(position))) as { items: { label: string }[] } | null;
      return (found?.items ?? []).map(({ label }) => label);
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((done) => server.once("exit", done));
      await ask("shutdown", undefined);
      tell("exit", undefined);
      server.stdin.end();
      await ended;
    },
  };
}

function talkTo(server: Server) {
  const waiting = new Map<number, (message: Answer) => void>();
  let held = Buffer.alloc(0);
  let count = 0;
  const write = (message: object) => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  server.stdout.on("data", (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    for (let message = take(); message !== undefined; message = take()) {
      // The server asks for settings, too: it gets none.
      if (message.method !== undefined) {
        if (message.id !== undefined) write({ id: message.id, result: null });
      } else waiting.get(message.id as number)?.(message);
    }
  });
  const take = (): Answer | undefined => {
    const end = held.indexOf("\r\n\r\n");
    const length = Number(/Content-Length: (\d+)/i.exec(held.subarray(0, Math.max(0, end)).toString())?.[1]);
    if (end < 0 || held.length < end + 4 + length) return undefined;
    const text = held.subarray(end + 4, end + 4 + length).toString();
    held = held.subarray(end + 4 + length);
    return JSON.parse(text) as Answer;
  };
  const ask = (method: string, params: unknown) =>
    new Promise<unknown>((done, fail) => {
      const id = ++count;
      waiting.set(id, ({ result, error }) => (error === undefined ? done(result) : fail(new Error(error.message))));
      write({ id, method, params });
    });
  return { ask, tell: (method: string, params: unknown) => write({ method, params }) };
}

interface Answer {
  readonly id?: number | string;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}
