import { once } from "node:events";
import type { Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

// Milliseconds between two looks at a file that has not grown: watching does not work on every disk, looking does.
const look = 200;
const piece = 1024 * 1024;

/** What is asked of a file: its bytes from here on, where it is still the file that was read so far. */
export interface Asked {
  readonly from: number;
  /** Which file was read; `""` for none. */
  readonly file: string;
}

/**
 * Answers with a file's bytes, and with what is added to it, for as long as somebody reads. The answer ends where the file
 * is replaced or cut, and is 409 where it was before it began: then all of it is to be read again.
 */
export async function sendGrowing(path: string, { from, file }: Asked, response: ServerResponse): Promise<void> {
  // Opened before it is looked at: from then on it is one file, whatever happens to its name.
  const opened = await open(path).catch(() => undefined);
  const found = opened && (await statOf(opened));
  try {
    if (file !== "" && (found?.name !== file || found.size < from)) {
      response.writeHead(409).end();
      return;
    }
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "x-trace-file": found?.name ?? "",
      "x-trace-size": String(found?.size ?? 0),
    });
    response.flushHeaders();
    if (opened !== undefined && found !== undefined) await follow(path, found.name, opened, from, response);
    else while (!response.destroyed && (await statAt(path)) === undefined) await sleep(look);
  } finally {
    await opened?.close();
  }
  response.end();
}

async function follow(path: string, name: string, handle: FileHandle, from: number, response: ServerResponse) {
  const buffer = Buffer.alloc(piece);
  let position = from;
  while (!response.destroyed) {
    const { bytesRead } = await handle.read(buffer, 0, piece, position);
    if (bytesRead > 0) {
      position += bytesRead;
      // The buffer is used again: what waits to be sent has bytes of its own.
      if (!response.write(Buffer.from(buffer.subarray(0, bytesRead)))) await drained(response);
      continue;
    }
    const now = await statAt(path);
    if (now?.name !== name || now.size < position) return;
    if (now.size === position) await sleep(look);
  }
}

async function drained(response: ServerResponse): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  // Whoever reads may have gone away meanwhile.
  await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]).catch(() => {});
  controller.abort();
}

async function statAt(path: string): Promise<Standing | undefined> {
  return standing(await stat(path).catch(() => undefined));
}

async function statOf(file: FileHandle): Promise<Standing | undefined> {
  return standing(await file.stat());
}

/** Which file it is, and how large. */
interface Standing {
  readonly name: string;
  readonly size: number;
}

function standing(found: Stats | undefined): Standing | undefined {
  if (!found?.isFile()) return undefined;
  return { name: `${found.dev}-${found.ino}-${Math.round(found.birthtimeMs)}`, size: found.size };
}
