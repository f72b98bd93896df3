import { chunk, completion, textChunks, toolCall, toolChunks } from "./chat-server.ts";
import { sse } from "./fault-server.ts";
import { type Answer, type LoopbackServer, startServer } from "./server.ts";

// A hand-written stand-in for OpenAI's chat completions that lives outside of every process that is killed: it counts what
// is asked, what tools did and what runs have to tell. What it answers is in the text: "KEY what".

/** The server, and what it was told. */
export interface DurableModel extends LoopbackServer {
  /** How often each text was asked; of a conversation its first text; then how many turns it has. */
  readonly asked: ReadonlyMap<string, number>;
  /** What tools did, by key. */
  readonly ran: ReadonlyMap<string, number>;
  /** What runs noted, by key, in order. */
  readonly notes: ReadonlyMap<string, readonly unknown[]>;
  /** The most that were open at once of a kind. */
  most(what: string): number;
  /** The bodies asked under a key. */
  bodies(key: string): unknown[];
  /** Resolves once a gate of this key is waited at. */
  atGate(key: string): Promise<void>;
  /** Lets pass who waits at the gate of a key, now and later. */
  open(key: string): void;
}

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string | null }[];
  readonly stream?: boolean;
}

const json = { "content-type": "application/json" };

/** Starts it. `delay` is how long an answer takes, in milliseconds. */
export async function startModel(delay: (question: string) => number = () => 0): Promise<DurableModel> {
  const asked = new Map<string, number>();
  const ran = new Map<string, number>();
  const notes = new Map<string, unknown[]>();
  const open = new Map<string, number>();
  const most = new Map<string, number>();
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const arrivals = new Map<string, PromiseWithResolvers<void>>();
  const of = (map: typeof gates, key: string) => {
    const found = map.get(key) ?? Promise.withResolvers<void>();
    map.set(key, found);
    return found;
  };
  const server = await startServer(async (answer) => {
    const { path, body } = answer.request;
    const [, kind = "", name = ""] = path.split("/").map(decodeURIComponent);
    if (kind === "tool") ran.set(name, (ran.get(name) ?? 0) + 1);
    if (kind === "note") notes.set(name, [...(notes.get(name) ?? []), body]);
    if (kind === "tool" || kind === "note") {
      answer.send(200, json, "{}");
      return;
    }
    const { messages, stream } = body as Body;
    const text = messages.find(({ role }) => role === "user")?.content ?? "";
    const turn = messages.filter(({ role }) => role !== "system").length;
    const question = `${text} ${turn}`;
    const count = (asked.get(question) ?? 0) + 1;
    asked.set(question, count);
    const [key = "", what = ""] = text.split(" ");
    open.set(what, (open.get(what) ?? 0) + 1);
    most.set(what, Math.max(most.get(what) ?? 0, open.get(what) ?? 0));
    if (what === "gate") {
      of(arrivals, key).resolve();
      await of(gates, key).promise;
    }
    await new Promise((resolve) => setTimeout(resolve, delay(question)));
    open.set(what, (open.get(what) ?? 0) - 1);
    if (!answer.finished) reply(answer, { text, what, turn, count, stream: stream === true });
  });
  return {
    ...server,
    get connections() {
      return server.connections;
    },
    asked,
    ran,
    notes,
    most: (what) => most.get(what) ?? 0,
    bodies: (key) =>
      server.requests
        .filter(({ path }) => path === "/chat/completions")
        .map(({ body }) => body)
        .filter((body) => JSON.stringify(body).includes(`"${key} `)),
    atGate: (key) => of(arrivals, key).promise,
    open: (key) => of(gates, key).resolve(),
  };
}

interface Asked {
  readonly text: string;
  readonly what: string;
  readonly turn: number;
  /** Which time this is asked, from 1. */
  readonly count: number;
  readonly stream: boolean;
}

function reply(answer: Answer, { text, what, turn, count, stream }: Asked): void {
  const refused = refusals[what]?.(count);
  if (refused !== undefined) {
    const [status, headers] = refused;
    const error = { message: `No: ${what}`, type: "server_error", param: null, code: null };
    answer.send(status, { ...json, "x-request-id": `r-${count}`, ...headers }, JSON.stringify({ error }));
    return;
  }
  if (what === "hold" && turn === 1) {
    const call = completion({ tool_calls: [toolCall("weather", { city: "Paris" }, "call_0")] });
    answer.send(200, json, JSON.stringify(call));
    return;
  }
  const calls =
    what === "tools" && turn < 3
      ? [
          { name: "weather", args: { city: "Paris" } },
          { name: "pay", args: { usd: 5 } },
        ]
      : [];
  const said =
    what === "book" && turn > 1 ? '{"title":"Dune"}' : what === "book" ? '{"titel":"Dune"}' : text.toUpperCase();
  if (!stream) {
    const message =
      calls.length > 0
        ? { tool_calls: calls.map(({ name, args }, at) => toolCall(name, args, `call_${at}`)) }
        : { content: said };
    answer.send(200, { ...json, "x-request-id": `r-${count}` }, JSON.stringify(completion(message)));
    return;
  }
  const [first] = calls;
  const events =
    first === undefined
      ? [chunk({ role: "assistant", content: "" }), ...textChunks(...(said.match(/.{1,3}/gs) ?? []))]
      : toolChunks(first.name, "call_0", [JSON.stringify(first.args)]);
  answer.send(200, { "content-type": "text/event-stream" }, sse(...events, "[DONE]").join(""));
}

type Refusal = readonly [status: number, headers?: Readonly<Record<string, string>>];

const refusals: Readonly<Record<string, (count: number) => Refusal | undefined>> = {
  // Fails twice, then answers.
  flaky: (count) => (count < 3 ? [503] : undefined),
  later: (count) => (count < 2 ? [429, { "retry-after-ms": "120" }] : undefined),
  nap: (count) => (count < 2 ? [429, { "retry-after-ms": "1500" }] : undefined),
  down: () => [503],
  wrong: () => [400],
};
