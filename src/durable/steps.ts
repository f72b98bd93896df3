import type { EventStream, Outgoing, ToolRun } from "../contract/layer.ts";
import type { Draft, ProviderTypes } from "../contract/provider.ts";
import { fromJSON, Received, revivedReceived } from "../contract/received.ts";
import { ConfigError } from "../errors/errors.ts";
import { noteEngine } from "../errors/kept-failure.ts";
import { hashOf } from "../layers/hash.ts";
import { encodeBytes } from "../message/history.ts";
import type { ResultPart } from "../message/parts.ts";
import { OutgoingRequest } from "../send/outgoing.ts";
import { joinSignals } from "../send/signals.ts";
import { revivedContent, settleOutput } from "../tools/result-content.ts";
import type { Engine } from "./engine.ts";
import { asStep } from "./in-step.ts";
import { failureOf, type KeptOutput, keptText, type Outcome, readKept } from "./kept.ts";
import { Turns } from "./turns.ts";

type P = ProviderTypes;
type Succeeded<Key extends string> = Extract<Outcome, { readonly [K in Key]: unknown }>;

/** The requests and tools of one run, each a step of the engine, numbered as they are asked. */
export class Steps {
  readonly #engine: Engine;
  readonly #turns: Turns;
  #count = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#turns = new Turns(!engine.keepsOrder);
  }

  /** A request and its whole answer. */
  send(request: Outgoing, next: (request: Outgoing) => Promise<Received>): Promise<Received> {
    return this.#request(request, (sent) => next(sent));
  }

  /** A request and the answer that its events make. */
  stream(request: Outgoing, next: (request: Outgoing) => EventStream): Promise<Received> {
    return this.#request(request, async (sent) => {
      const events = next(sent);
      const response = await foldEvents(events, request);
      const { head, notes, answer } = events;
      const { startTime, endTime } = answer ?? {};
      const times = { ...(startTime !== undefined && { startTime }), ...(endTime !== undefined && { endTime }) };
      return new Received<P>({ response, head, ...times, ...notes }, undefined, providerOf(request).connection);
    });
  }

  /** One execution of a tool. */
  async tool(use: ToolRun, next: (use: ToolRun) => Promise<unknown>): Promise<unknown> {
    const asked = await hashOf(JSON.stringify(["tool", use.name, use.id, use.input]));
    return this.#keep<Succeeded<"output">, unknown>(`tool ${use.name}`, asked, {
      async work(signal) {
        const given = await next(signal === undefined ? use : { ...use, signal: joinSignals(use.signal, signal) });
        return { output: await keptOutput(use, given) };
      },
      async read({ output }) {
        if ("error" in output) return new Error(output.error);
        if ("parts" in output) return revivedContent(fromJSON(output.parts));
        return "text" in output ? output.text : output.json;
      },
    });
  }

  /** A call or a run of a loop: its steps take their turns in the order in which they were begun. */
  call<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.#turns.call(work);
  }

  /** A wait is a step as well. */
  sleep(ms: number): Promise<unknown> {
    return this.#turns.take(() => this.#engine.sleep(ms));
  }

  async #request(request: Outgoing, send: (request: Outgoing) => Promise<Received>): Promise<Received> {
    const { provider, model, prepared, signal } = request;
    const wire = providerOf(request);
    const exact = encodeBytes(prepared.request);
    const asked = await hashOf(JSON.stringify([provider, model, prepared.stream, exact]));
    return this.#keep<Succeeded<"received">, Received>(`${provider} ${model}`, asked, {
      // The engine's journal has each request once: what is sent again is another step.
      async work(over) {
        const changed = request.with({ sdkRetries: false, ...(over && { signal: joinSignals(signal, over) }) });
        return { received: await send(changed) };
      },
      read: ({ received }) => revivedReceived<P>(wire, received),
    });
  }

  /** Runs work as a step, and gives what the journal has of it: in the first run, too, so that a replay is the same. */
  #keep<Kept extends Outcome, Value>(what: string, asked: string, { work, read }: Work<Kept, Value>): Promise<Value> {
    const engine = this.#engine;
    return this.#turns.take(async () => {
      const name = `${what} ${++this.#count}`;
      // What failed in the work is in the text, and what it stands for is made of that.
      let isRead = false;
      try {
        return await engine.step(
          name,
          (signal) => asStep(() => outcomeText(engine, asked, () => work(signal), signal)),
          (text) => {
            isRead = true;
            // A step of this name and question holds what this work gave.
            return read(readKept(text, name, asked, engine) as Kept);
          },
        );
      } catch (error) {
        if (!isRead) noteEngine(error);
        throw error;
      }
    });
  }
}

interface Work<Kept extends Outcome, Value> {
  work(signal: AbortSignal | undefined): Promise<Kept>;
  read(kept: Kept): Promise<Value>;
}

async function outcomeText(
  engine: Engine,
  asked: string,
  work: () => Promise<Outcome>,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    return keptText(asked, await work(), engine);
  } catch (error) {
    if (signal?.aborted || engine.isOwn(error)) throw error;
    return keptText(asked, failureOf(error), engine);
  }
}

function providerOf(request: Outgoing) {
  if (request instanceof OutgoingRequest) return (request as OutgoingRequest<P>).origin.call.provider;
  throw new ConfigError(
    "A layer outside of durable() hands on a request that is not one: give it on, or what `request.with(…)` gives.",
  );
}

/** The whole answer that events make. */
async function foldEvents(events: EventStream, request: Outgoing): Promise<object> {
  const provider = providerOf(request);
  const draft: Draft<P> = { response: undefined, calls: [], done: false };
  for await (const event of events) provider.readChunk(event, draft);
  if (draft.done && draft.response !== undefined) return draft.response;
  throw new ConfigError(`A layer inside of durable() gave the events of ${provider.name} without their end.`);
}

async function keptOutput({ name, signal }: ToolRun, output: unknown): Promise<KeptOutput> {
  const content = await settleOutput(name, output, signal);
  // Media lie there with their bytes: a file that is read later may be another one.
  if (typeof content !== "string") return { parts: encodeBytes(content) as readonly ResultPart[] };
  if (output instanceof Error) return { error: content };
  if (typeof output === "string") return { text: content };
  return output === undefined ? {} : { json: JSON.parse(content) as unknown };
}
