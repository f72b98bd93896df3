import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Asked, type Reply, replyTo } from "./replies.ts";

// The provider, in a process of its own so that its work is not counted. The route stands before the `/v1` of a base
// URL: `/text/2000/v1/chat/completions`.

const known = new Map<string, Reply>();

function reply(asked: Asked): Reply {
  const key = JSON.stringify(asked);
  const made = known.get(key) ?? replyTo(asked);
  known.set(key, made);
  return made;
}

function send(response: ServerResponse, { type, body, paced, wait }: Reply): void {
  response.setHeader("content-type", type);
  if (wait !== undefined) {
    setTimeout(() => response.end(body), wait);
    return;
  }
  if (paced === undefined) {
    response.end(body);
    return;
  }
  response.socket?.setNoDelay(true);
  let next = 0;
  const timer = setInterval(() => {
    response.write(paced[next++]);
    if (next < paced.length) return;
    clearInterval(timer);
    response.end();
  }, 1);
  response.on("close", () => clearInterval(timer));
}

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const { stream = false, tools } = JSON.parse(Buffer.concat(parts).toString()) as {
      stream?: boolean;
      tools?: { function: { name: string } }[];
    };
    const [, path = ""] = /^\/(.*)\/v1\//.exec(request.url ?? "") ?? [];
    send(response, reply({ path, stream, tool: tools?.[0]?.function.name }));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());
