import { fail } from "node:assert/strict";
import { createCall } from "../../call/call.ts";
import type { CallPromise } from "../../call/types.ts";
import type { Provider, ProviderTypes } from "../../contract/provider.ts";
import type { PreparedCall } from "../../prepare/report.ts";
import type { CallResponse } from "../../read/response.ts";
import type { Stream } from "../../read/stream.ts";
import type { StructuredStream } from "../../structured/structured-stream.ts";
import type { ConformanceServer, ConformanceSubject, ServedStep } from "./types.ts";
import { type Watched, watchProvider } from "./watch-provider.ts";

/** A bound call whose types do not matter to the check. */
export interface Asked<Result> {
  (): Result;
  with(overrides: object): Asked<Result>;
  prepare(): Promise<PreparedCall<ProviderTypes>>;
}

type LooseCall = <Result>(model: string, options: object, write: () => unknown) => Asked<Result>;

/** What one check works with: the provider's call on a server's client, and what went through the provider. */
export interface Stage {
  readonly model: string;
  readonly server: ConformanceServer;
  readonly watched: Watched;
  ask(options?: object, write?: () => unknown): Asked<CallPromise<CallResponse, CallResponse>>;
  stream(options?: object, write?: () => unknown): Asked<Stream<ProviderTypes>>;
  value(options: object, write?: () => unknown): Asked<Promise<unknown>>;
  growing(options: object, write?: () => unknown): Asked<StructuredStream<ProviderTypes, unknown>>;
}

const hi = () => "Hi";

/** Runs a check on a server with these steps, and ends the server whatever comes of it. */
export async function onStage<P extends ProviderTypes>(
  subject: ConformanceSubject<P>,
  steps: readonly ServedStep[],
  check: (stage: Stage) => Promise<void>,
): Promise<void> {
  const server = await subject.serve(steps);
  try {
    await check(stageOf(subject, server));
  } finally {
    await server.close();
  }
}

function stageOf<P extends ProviderTypes>({ model, provider }: ConformanceSubject<P>, server: ConformanceServer<P>) {
  // The checks say by values what the overloads of `Call` and the types of the provider say by types.
  const watched = watchProvider(provider as unknown as Provider<ProviderTypes>);
  const call = createCall(watched.provider) as unknown as LooseCall;
  const { client } = server;
  const stage: Stage = {
    model,
    server,
    watched,
    ask: (options = {}, write = hi) => call(model, { client, ...options }, write),
    stream: (options = {}, write = hi) => call(model, { client, ...options, stream: true }, write),
    value: (options, write = hi) => call(model, { client, ...options }, write),
    growing: (options, write = hi) => call(model, { client, ...options, stream: true }, write),
  };
  return stage;
}

/** Runs what must fail and gives what it threw. */
export async function thrownBy(what: string, work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return fail(`${what} should have thrown.`);
}

/** Iterates a stream to its end and gives what it yielded. */
export async function collect<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Freezes plain data to the bottom: whoever changes it throws. */
export function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}
