import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { Misuse } from "./misuse.ts";
import { sendGrowing } from "./send-growing.ts";

/** Where the page of a trace is served. */
export interface Viewer {
  /** Its address, with what others cannot guess in it. */
  readonly url: string;
  close(): void;
}

// What every answer says: nobody else may show, keep or read it.
const headers = {
  "cache-control": "no-store",
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

const loopback = "127.0.0.1";

/**
 * Serves the page and the file to this machine alone. A page of another site that reaches this port by a name of its own
 * is refused by the `Host` header; another user of the machine does not know the path.
 */
export async function serveTrace(file: string, port: number): Promise<Viewer> {
  const page = readPage();
  const secret = randomBytes(16).toString("base64url");
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    // What fails while it is sent (a disk that is gone) ends the answer; the page asks again.
    answer(request, response, { page, file, secret, port: portOf(server) }).catch(() => response.destroy());
  });
  await listening(server, port);
  return {
    url: `http://${loopback}:${portOf(server)}/${secret}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Served {
  readonly page: string;
  readonly file: string;
  readonly secret: string;
  readonly port: number;
}

async function answer(request: IncomingMessage, response: ServerResponse, { page, file, secret, port }: Served) {
  const { host, "sec-fetch-site": site } = request.headers;
  const refuse = (status: number, sentence: string) =>
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${sentence}\n`);
  if (host !== `${loopback}:${port}` && host !== `localhost:${port}`) {
    return refuse(403, "This address is served to this machine alone, by its own name.");
  }
  if (request.method !== "GET") return refuse(405, "There is nothing but GET.");
  if (site === "cross-site" || site === "same-site") return refuse(403, "Another site may not ask for this.");
  const url = new URL(request.url ?? "/", `http://${host}`);
  const [, given, name, ...more] = url.pathname.split("/");
  if (given !== secret || more.length > 0) {
    return refuse(404, "Open the address that callscope view printed, to its last letter.");
  }
  if (name === "") return response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  if (name === "name")
    return response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(resolve(file));
  if (name !== "trace") return refuse(404, "There is no such page.");
  const from = Number(url.searchParams.get("from") ?? 0);
  if (!Number.isSafeInteger(from) || from < 0) return refuse(400, "`from` is a number of bytes.");
  return sendGrowing(file, { from, file: url.searchParams.get("file") ?? "" }, response);
}

function readPage(): string {
  try {
    // The same two steps up from the source and from what is built of it.
    return readFileSync(new URL("../../dist/page.html", import.meta.url), "utf8");
  } catch (cause) {
    throw new Misuse("The page is not built: run `npm run build`.", { cause });
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      fail(new Misuse(code === "EADDRINUSE" ? `The port ${port} is taken: name another one by --port.` : message));
    });
    server.listen(port, loopback, () => done());
  });
}

function portOf(server: Server): number {
  // It listens: this is no path of a socket.
  return (server.address() as AddressInfo).port;
}
