import { eventsOf, isStreamed } from "../contract/lane.ts";
import { networkLanes } from "../contract/lanes/index.ts";
import { chunk, completion, textChunks, toolCall, toolChunks } from "../support/chat-server.ts";
import { sse } from "../support/fault-server.ts";
import { type LoopbackServer, type ServedRequest, startServer } from "../support/server.ts";
import { names } from "./providers.ts";

// What answers the program of `smoke.ts`, and each provider in its own words; written by hand. The page of a browser comes
// from here, too, so that its requests go where it came from.

interface Reply {
  readonly status?: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const json = (value: object, status = 200): Reply => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});
const events = (...values: readonly (object | string)[]): Reply => ({
  type: "text/event-stream",
  body: sse(...values).join(""),
});
const said = { text: "Dune" };
const book = { title: "Dune", pages: 412 };

/** Starts it; `page` is the script of the page. */
export function startRuntimeServer(page = ""): Promise<LoopbackServer> {
  return startServer((answer) => {
    const reply = replyTo(answer.request, page);
    if (reply === undefined) return;
    answer.send(reply.status ?? 200, { "content-type": reply.type, ...reply.headers }, reply.body);
  });
}

function replyTo(request: ServedRequest, page: string): Reply | undefined {
  const [, at] = request.path.match(/^\/providers\/(\d+)\//) ?? [];
  if (at !== undefined) return ofProvider(request, names[Number(at)] ?? "");
  if (request.path.startsWith("/smoke/")) return ofChat(request.body as Asked);
  if (request.path === "/page.js") return { type: "text/javascript", body: page };
  return { type: "text/html", body: '<!doctype html><script src="/page.js" type="module"></script>' };
}

function ofProvider(request: ServedRequest, name: string): Reply {
  const lane = networkLanes.find((one) => one.name === name);
  if (lane === undefined) throw new Error(`No lane is called ${name}.`);
  const { headers = {} } = lane;
  if (!isStreamed(request)) return { ...json(lane.whole(said)), headers };
  const written = eventsOf(lane, said);
  const type = typeof written[0] === "string" ? "text/event-stream" : "application/vnd.amazon.eventstream";
  return { type, headers, body: Buffer.concat(written.map((event) => Buffer.from(event))) };
}

/** `undefined` for what is never answered. */
function ofChat({ model, stream, tools, messages }: Asked): Reply | undefined {
  const offered = tools?.map((tool) => tool.function.name) ?? [];
  if (model === "slow") return undefined;
  if (model === "missing") return json({ error: { message: "There is no such model.", code: "model_not_found" } }, 404);
  if (model === "cut") return events(chunk({ content: "Du" }));
  if (offered.includes("add")) {
    const isDone = messages.at(-1)?.role === "tool";
    return json(completion(isDone ? { content: "5" } : { tool_calls: [toolCall("add", { a: 2, b: 3 })] }));
  }
  if (!stream) {
    return json(completion(offered.length > 0 ? { tool_calls: [toolCall("answer", book)] } : { content: "Dune" }));
  }
  if (offered.length === 0) return events(...textChunks("Größe ", "🚀 ", "Dune"), "[DONE]");
  return events(...toolChunks("answer", "call_1", ['{"title":"Du', 'ne","pages"', ":412}"]), "[DONE]");
}

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly messages: readonly { readonly role: string }[];
}
