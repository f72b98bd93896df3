import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findModelFile, type ModelFileOptions } from "../../src/providers/local/model-file.ts";
import { webSource } from "../../src/providers/local/model-source.ts";

/** What the fake model file holds. */
export const content: Buffer = Buffer.concat([Buffer.from("GGUF"), randomBytes(299_996)]);

/** The fake model file. */
export const file = {
  name: "Tiny",
  fileName: "tiny.gguf",
  bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
};

/** What the server does with one request, which asks for the bytes from `from` on. */
export type Answer = (request: IncomingMessage, response: ServerResponse, from: number) => void | Promise<void>;

function writeHead(response: ServerResponse, from: number): void {
  const range = from > 0 ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(from > 0 ? 206 : 200, { ...range, "content-length": content.length - from });
}

/** What a good server does, ranges included. */
export const serve: Answer = (_request, response, from) => {
  writeHead(response, from);
  response.end(content.subarray(from));
};

/** Sends the bytes up to `end`, then cuts the line. */
export function cutAt(end: number): Answer {
  return (_request, response, from) => {
    writeHead(response, from);
    response.write(content.subarray(from, end), () => response.destroy());
  };
}

/** Sends the bytes up to `end`, then nothing more. */
export function hangAt(end: number): Answer {
  return (_request, response, from) => {
    writeHead(response, from);
    response.write(content.subarray(from, end));
  };
}

/** Sends the file in ten pieces within about `duration` milliseconds. */
export function trickle(duration: number): Answer {
  return async (_request, response) => {
    writeHead(response, 0);
    for (let from = 0; from < content.length; from += content.length / 10) {
      response.write(content.subarray(from, from + content.length / 10));
      await sleep(duration / 10);
    }
    response.end();
  };
}

/** Sends other bytes than the file's. */
export function sendBytes(status: number, body: string | Buffer): Answer {
  return (_request, response) => void response.writeHead(status, { "content-length": body.length }).end(body);
}

/** A local HTTP server with the fake model, and an empty cache folder. */
export interface ModelServer {
  readonly url: string;
  readonly folder: string;
  /** Used up one a request; `serve` after that. */
  readonly answers: Answer[];
  /** The `range` header of every request that came. */
  readonly ranges: (string | undefined)[];
  /** `findModelFile` with this server, this folder and no environment, unless told otherwise. */
  find(options?: ModelFileOptions): Promise<string>;
  /** Whether `path` is the whole model, in a cache folder that holds nothing else but the note of its checksum. */
  isWhole(path: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts a {@link ModelServer}. */
export async function startModelServer(): Promise<ModelServer> {
  const folder = await mkdtemp(join(tmpdir(), "callscope-model-"));
  const answers: Answer[] = [];
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const { range } = request.headers;
    ranges.push(range);
    void (answers.shift() ?? serve)(request, response, Number(range?.slice("bytes=".length, -1) ?? 0));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const url = `http://127.0.0.1:${address.port}/${file.fileName}`;
  const sources = [webSource("the server", () => url)];
  return {
    url,
    folder,
    answers,
    ranges,
    find: (options) => findModelFile({ file, sources, cacheDirectory: folder, environment: {}, ...options }),
    async isWhole(path) {
      const names = (await readdir(folder)).sort().join();
      return names === `${file.fileName},${file.fileName}.verified` && (await readFile(path)).equals(content);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Waits until the file at `path` has `bytes` bytes. */
export async function untilSize(path: string, bytes: number): Promise<void> {
  while ((await stat(path).catch(() => ({ size: 0 }))).size < bytes) await sleep(20);
}
