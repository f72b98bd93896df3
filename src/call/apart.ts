import type { ProviderTypes } from "../contract/provider.ts";
import { fromJSON, Received, type ReceivedData, revivedReceived } from "../contract/received.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { loadPrices } from "../money/cost.ts";
import { planFor } from "../prepare/plan-for.ts";
import { type Definition, type Plan, Prepared } from "../prepare/prepare.ts";
import { usesTools } from "../read/bind-tools.ts";
import { reader } from "../read/reader.ts";
import { Reception } from "../read/reception.ts";
import { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import { startDeadline } from "../send/deadline.ts";
import { receive } from "../send/receive.ts";
import { extract } from "../structured/extract.ts";
import type { Tool } from "../tools/tool.ts";
import { parse } from "./value.ts";

// Send and read apart: what was prepared in one process is sent in a second and read in a third.

/** Sends a prepared call and gives what came; the events of a stream as the answer they make. */
export async function sendPrepared<P extends ProviderTypes>(
  defined: Definition<P>,
  given: Prepared<P>,
): Promise<Received<P>> {
  const timed = startDeadline(defined);
  const call = timed?.call ?? defined;
  try {
    const plan = await revivePlan(call, given);
    if (!call.stream) return new CallResponse<P>(call, plan, await receive(call, plan, "call", reader)).received;
    const stream = new Stream<P>(new Reception<P, Tool>({ call, begin: async () => plan, purpose: "call" }));
    for await (const _ of stream.chunks());
    return stream.constructCallResponse().received;
  } catch (error) {
    throw timed === undefined ? error : timed.blame(error);
  } finally {
    timed?.clear();
  }
}

/** What calling would have given: the response, the validated value, or what the parser made of it. */
export async function readReceived<P extends ProviderTypes>(
  call: Definition<P>,
  given: Prepared<P>,
  came: ReceivedData<P>,
): Promise<unknown> {
  const plan = await revivePlan(call, given);
  const received = await reviveReceived(call, came);
  await loadPrices();
  const response = new CallResponse<P>(call, plan, received.came);
  const answered = { response };
  if (plan.output?.schema === undefined) return call.stream ? response : parse(call, response, answered);
  if (usesTools(response, plan)) return parse(call, response, answered);
  return parse(call, await extract(response, plan.output), answered);
}

async function reviveReceived<P extends ProviderTypes>(
  { provider }: Definition<P>,
  given: ReceivedData<P>,
): Promise<Received<P>> {
  if (given instanceof Received) return given;
  if (typeof given !== "object" || given === null || typeof given.response !== "object" || given.response === null) {
    throw new ConfigError(`read() takes what send() gave, or its JSON; it was given ${describe(given)}.`);
  }
  if (given.version !== 1) {
    throw new ConfigError(`An answer of version ${JSON.stringify(given.version)} cannot be read; 1 can.`);
  }
  return revivedReceived(provider, given);
}

/** @internal What a prepared call needs beside its data, also of one that went through JSON. Throws `ConfigError`. */
export async function revivePlan<P extends ProviderTypes>(call: Definition<P>, given: Prepared<P>): Promise<Plan<P>> {
  if (call.route !== undefined) await call.route.load(call.provider);
  const prepared = given instanceof Prepared ? given : toPrepared<P>(given);
  check(call, prepared);
  return planFor(call, prepared);
}

function toPrepared<P extends ProviderTypes>(given: unknown): Prepared<P> {
  const { version, request, messages } = (given ?? {}) as Partial<Record<keyof Prepared<P>, unknown>>;
  if (typeof request !== "object" || request === null || !Array.isArray(messages)) {
    throw new ConfigError(
      `This is not a prepared call: it comes from prepare(), or its JSON; it is ${describe(given)}.`,
    );
  }
  if (version !== 1)
    throw new ConfigError(`A prepared call of version ${JSON.stringify(version)} cannot be sent; 1 can.`);
  // Its form was checked; what is in the request is for the SDK to say.
  const { fnArgs = [], tools = [], dynamic = [], ...fields } = fromJSON(given) as Prepared<P>;
  return new Prepared<P>({ ...fields, fnArgs, tools, dynamic, dynamicConfig: undefined });
}

function check<P extends ProviderTypes>(call: Definition<P>, prepared: Prepared<P>): void {
  const { provider, stream, given } = call;
  if (prepared.provider !== provider.name) {
    throw new ConfigError(
      `This call was prepared for ${prepared.provider}; the call it is given to is on ${provider.name}.`,
    );
  }
  if (prepared.stream !== stream) {
    const [is, wants] = prepared.stream ? ["streams", "does not"] : ["does not stream", "does"];
    throw new ConfigError(`The call that was prepared ${is}; the one it is given to ${wants}.`);
  }
  const wanted = prepared.output !== undefined;
  if (wanted !== (call.output !== undefined)) {
    const [was, is] = wanted ? ["has", "has none"] : ["has no", "has one"];
    throw new ConfigError(
      `The call that was prepared ${was} response model or JSON mode; the one it is given to ${is}.`,
    );
  }
  if (prepared.dynamicConfig !== undefined) return;
  if (prepared.dynamic.includes("client") && !given?.client) {
    throw new ConfigError(
      "The prompt gave a client of its own, which is no data: give it again with .with({ client }).",
    );
  }
  const missing = prepared.tools.filter((name) => !call.tools.some((tool) => tool.name === name));
  if (missing.length === 0) return;
  throw new ConfigError(
    `The call was prepared with the tools ${missing.join(", ")}, which this one does not have: give them with .with({ tools }).`,
  );
}
