import type { FakeAnswer, FakeFailure, FakeWire } from "../contract/fake-answer.ts";
import type { ProviderTypes, SendOptions, Tell } from "../contract/provider.ts";
import type { StandIn } from "../contract/stand-in.ts";
import { ConfigError } from "../errors/errors.ts";
import type { Fault } from "./answer.ts";

type Wire = FakeWire<ProviderTypes>;

/** What one request is answered with, all decided. */
export type Scene =
  | { readonly type: "throw"; readonly error: unknown }
  | {
      readonly type: "answer";
      readonly wire: Wire;
      readonly answer: FakeAnswer;
      readonly delay: number | undefined;
      readonly fault: Fault | undefined;
      /** Breaks the answer off, after so many events of a stream. */
      readonly failure?: { readonly failure: FakeFailure; readonly after: number } | undefined;
    };

/** Plays a scene in the provider's place. */
export function play(scene: () => Promise<Scene>): StandIn {
  return {
    client: () => ({}),
    async create(_client, _request, options, tell) {
      const played = await scene();
      if (played.type === "throw") throw played.error;
      const { wire, answer, fault, failure, delay } = played;
      await wait(delay, options, wire);
      if (failure) throw await wire.error(failure.failure);
      tellHead(answer, tell);
      if (fault !== undefined) return faulty(fault, wire, options);
      return wire.whole(answer);
    },
    async stream(_client, _request, options, tell) {
      const played = await scene();
      if (played.type === "throw") throw played.error;
      const { wire, answer, failure } = played;
      if (failure?.after === 0) {
        await wait(played.delay, options, wire);
        throw await wire.error(failure.failure);
      }
      tellHead(answer, tell);
      return eventsOf(played, options);
    },
  };
}

function tellHead({ requestId }: FakeAnswer, tell: Tell | undefined): void {
  tell?.({ requestId });
}

async function* eventsOf(
  { wire, answer, fault, failure, delay }: Extract<Scene, { type: "answer" }>,
  options: SendOptions,
): AsyncGenerator<object, undefined> {
  const { after = 1 } = failure ?? fault ?? { after: Number.POSITIVE_INFINITY };
  const events = await wire.events(answer);
  if ((fault ?? failure) !== undefined && after > events.length) {
    throw new ConfigError(`The answer has ${events.length} events in a stream: nothing can happen after ${after}.`);
  }
  let count = 0;
  for (const event of events) {
    if (count++ >= after) break;
    await wait(delay, options, wire);
    yield event;
  }
  if (failure) throw await wire.error(failure.failure);
  if (fault?.kind === "stall") throw await stopped(options, wire);
  // What a decoder makes of an event that is none.
  if (fault?.kind === "malformed") throw new SyntaxError("Unexpected end of JSON input");
}

/** A whole answer that never comes. */
async function faulty({ kind }: Fault, wire: Wire, options: SendOptions): Promise<object> {
  if (kind === "malformed") return {};
  if (kind === "stall") throw await stopped(options, wire);
  throw await wire.error({ kind: "connection", status: undefined, message: "", headers: {} });
}

/** Waits for the signal, and gives what the SDK throws then. */
function stopped({ signal }: SendOptions, wire: Wire): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted) resolve();
  signal?.addEventListener("abort", () => resolve(), { once: true });
  return promise.then(() => wire.error({ kind: "aborted", status: undefined, message: "", headers: {} }));
}

async function wait(delay: number | undefined, options: SendOptions, wire: Wire): Promise<void> {
  if (delay === undefined) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, delay);
  stopped(options, wire).then(reject, reject);
  await promise.finally(() => clearTimeout(timer));
}
