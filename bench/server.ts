import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Asked, type Reply, replyTo } from "./replies.ts";

// The providers, in a process of their own so that their work is not counted. The route stands before the `/v1` of a base
// URL: `/text/2000/v1/chat/completions`, `/text/2000/v1/messages`.

const known = new Map<string, Reply>();
/** Connections that were opened since the start. */
let connections = 0;

function reply(asked: Asked): Reply {
  const key = JSON.stringify(asked);
  const made = known.get(key) ?? replyTo(asked);
  known.set(key, made);
  return made;
}

function send(response: ServerResponse, { type, body, events, interval, wait }: Reply): void {
  response.setHeader("content-type", type);
  if (wait !== undefined) {
    setTimeout(() => response.end(body), wait);
    return;
  }
  if (events === undefined) {
    response.end(body);
    return;
  }
  response.socket?.setNoDelay(true);
  if (interval === 0) {
    // Each is a chunk of its own on the wire, and comes as one, however many of them one packet holds.
    for (const event of events) response.write(event);
    response.end();
    return;
  }
  let next = 0;
  const timer = setInterval(() => {
    response.write(events[next++]);
    if (next < events.length) return;
    clearInterval(timer);
    response.end();
  }, interval);
  response.on("close", () => clearInterval(timer));
}

/** What of a body decides about its answer; Anthropic's tools have their names outside. */
interface Sent {
  readonly stream?: boolean;
  readonly tools?: readonly { readonly name?: string; readonly function?: { readonly name: string } }[];
}

const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.end(String(connections));
    return;
  }
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const { stream = false, tools } = JSON.parse(Buffer.concat(parts).toString()) as Sent;
    const [, path = "", endpoint = ""] = /^\/(.*)\/v1\/([\w/]*)/.exec(request.url ?? "") ?? [];
    send(response, reply({ path, endpoint, stream, tool: tools?.[0]?.function?.name ?? tools?.[0]?.name }));
  });
});
server.on("connection", () => connections++);
// Where the machine is busy, a contender may have to wait minutes for its next turn.
server.keepAliveTimeout = 600_000;
// 500 connections are opened at once.
server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () =>
  process.send?.((server.address() as AddressInfo).port),
);
process.on("disconnect", () => process.exit());
