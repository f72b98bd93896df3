import { setTimeout as delay } from "node:timers/promises";
import type { Exchange, RecordedRequest, RecordedResponse } from "./recordings.ts";
import { type Answer, type LoopbackServer, pieces, type ServedRequest, startServer } from "./server.ts";

/** How the recorded answers are given. */
export interface ReplayOptions {
  /** Write streamed bodies in pieces of so many bytes; by default in one. JSON bodies always go in one. */
  readonly chunkBytes?: number;
  /** Wait so long before each piece (milliseconds); default 0. */
  readonly delayMs?: number;
}

/** A server that answers its n-th request with the n-th recorded exchange, over HTTP/1.1 or cleartext HTTP/2. */
export interface ReplayServer extends LoopbackServer {
  /** A sentence for each request that differs in method or path from the recorded one, or that none was left for. */
  readonly problems: readonly string[];
  /** Throws unless every exchange was asked for exactly once and in order. */
  expectAllServed(): void;
}

/**
 * Starts a replay of the exchanges. Method and tail of the path are compared with the recorded request, prefix and
 * query are not, since SDK versions differ there; the bodies are the test's to compare, in `requests`. A request for
 * which no exchange is left is answered with status 599. Turn the SDK's retries off.
 */
export async function startReplay(exchanges: readonly Exchange[], options: ReplayOptions = {}): Promise<ReplayServer> {
  const problems: string[] = [];
  const server = await startServer(async (answer) => {
    const exchange = exchanges[answer.index];
    const problem = findProblem(answer, exchange?.request, exchanges.length);
    if (problem) problems.push(problem);
    if (exchange) await play(answer, exchange.response, options);
    else answer.send(599, { "content-type": "application/json" }, JSON.stringify({ error: { message: problem } }));
  });
  const missing = () => {
    const count = exchanges.length - server.requests.length;
    return count > 0 ? [`${count} of ${exchanges.length} exchanges were not asked for.`] : [];
  };
  return {
    ...server,
    // Spreading froze the count: this one goes on.
    get connections() {
      return server.connections;
    },
    problems,
    expectAllServed() {
      const all = [...problems, ...missing()];
      if (all.length > 0) throw new Error(`The replay went differently from the recording:\n${all.join("\n")}`);
    },
  };
}

/** `undefined` when all is well. A recording that kept no request (`null`) can be compared with anything. */
function findProblem(
  { request, index }: Answer,
  recorded: RecordedRequest | null | undefined,
  count: number,
): string | undefined {
  const actual = signature(request.method, request.path);
  if (recorded === undefined) return `Request ${index + 1} (${actual}) has no exchange: there are only ${count}.`;
  if (recorded === null) return undefined;
  const expected = signature(recorded.method, recorded.url);
  return actual === expected ? undefined : `Request ${index + 1} is ${actual}, recorded is ${expected}.`;
}

/** Method and the part of the path that every SDK version agrees on, e.g. `POST chat/completions`. */
function signature(method: ServedRequest["method"], url: string): string {
  const segments = new URL(url, "http://127.0.0.1").pathname.split("/");
  const last = segments.at(-1) ?? "";
  // "completions" alone would not tell chat from fill-in-the-middle or the legacy endpoint.
  const tail = last === "completions" ? segments.slice(-2).join("/") : last;
  return `${method} ${decodeURIComponent(tail)}`;
}

async function play(answer: Answer, response: RecordedResponse, options: ReplayOptions): Promise<void> {
  const { chunkBytes, delayMs = 0 } = options;
  const pause = () => (delayMs > 0 ? delay(delayMs, undefined, { ref: false }) : undefined);
  if ("body" in response) {
    await pause();
    return answer.send(response.status, response.headers, JSON.stringify(response.body));
  }
  const bytes = "text" in response ? Buffer.from(response.text) : Buffer.from(response.base64, "base64");
  answer.head(response.status, response.headers);
  for (const piece of pieces(bytes, chunkBytes ?? Math.max(bytes.length, 1))) {
    await pause();
    if (!(await answer.write(piece))) return;
  }
  answer.end();
}
