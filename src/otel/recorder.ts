import { type Attributes, SpanKind } from "@opentelemetry/api";
import { type LoopEnd, type LoopRun, leftWith, type Outgoing, type ToolRun } from "../contract/layer.ts";
import type { CameSoFar, Follower } from "../layers/watch-events.ts";
import { identityOf, requestAttributes, responseAttributes, told } from "./attributes.ts";
import { argumentsContent, inputContent, isText, outputContent, resultContent } from "./content.ts";
import { Meters } from "./meters.ts";
import { isOpen, safely } from "./nested.ts";
import { OpenSpan } from "./open-span.ts";
import type { Telemetry } from "./options.ts";

/** Makes the spans of what it is shown, and measures it. Gives `undefined` for what has an open span already. */
export class Recorder {
  readonly #telemetry: Telemetry;
  readonly #meters: Meters;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
    this.#meters = new Meters(telemetry.meter);
  }

  request(outgoing: Outgoing): RequestSpan | undefined {
    // The arguments are the same list however layers change the request, and another one for each call.
    if (isOpen(outgoing.prepared.fnArgs)) return undefined;
    return safely(() => new RequestSpan(this.#telemetry, this.#meters, outgoing));
  }

  tool(use: ToolRun): ToolSpan | undefined {
    // Two calls of a turn may have no id each, but none of them runs inside the other.
    const about = `${use.name} ${use.id}`;
    return isOpen(about) ? undefined : safely(() => new ToolSpan(this.#telemetry, this.#meters, use, about));
  }

  loop(run: LoopRun): LoopSpan | undefined {
    return isOpen(run.args) ? undefined : safely(() => new LoopSpan(this.#telemetry, run));
  }
}

/** The span of one request: from its call to the last byte, or the error. */
export class RequestSpan implements Follower {
  readonly #telemetry: Telemetry;
  readonly #meters: Meters;
  readonly #outgoing: Outgoing;
  readonly #identity: Attributes;
  readonly #span: OpenSpan;
  #used: CameSoFar | undefined;
  #whole = false;
  #firstChunk: number | undefined;
  #lastChunk = 0;

  constructor(telemetry: Telemetry, meters: Meters, outgoing: Outgoing) {
    const identity = identityOf(outgoing);
    const said = telemetry.content ? (safely(() => inputContent(outgoing.prepared)) ?? {}) : {};
    this.#telemetry = telemetry;
    this.#meters = meters;
    this.#outgoing = outgoing;
    this.#identity = identity;
    this.#span = new OpenSpan(
      telemetry,
      {
        name: `${identity["gen_ai.operation.name"]} ${outgoing.model}`,
        kind: outgoing.telemetry.inProcess ? SpanKind.INTERNAL : SpanKind.CLIENT,
        attributes: { ...identity, ...requestAttributes(outgoing), ...said },
        about: outgoing.prepared.fnArgs,
      },
      (seconds, error) => this.#measure(seconds, error),
    );
  }

  run<Result>(work: () => Result): Result {
    return this.#span.run(work);
  }

  /** An event of its stream has come. */
  event(): void {
    if (this.#span.over) return;
    const { seconds } = this.#span;
    const since = seconds - this.#lastChunk;
    const first = this.#firstChunk === undefined;
    this.#lastChunk = seconds;
    if (first) this.#firstChunk = seconds;
    safely(() =>
      first ? this.#meters.firstChunk(seconds, this.#identity) : this.#meters.nextChunk(since, this.#identity),
    );
  }

  /** It is answered. */
  end(came: () => CameSoFar): void {
    this.#whole = true;
    this.#span.end(() => this.#attributes(came));
  }

  /** Its stream was left before its end: no failure. */
  leave(came: () => CameSoFar): void {
    this.#span.end(() => ({ "callscope.stream.left": true, ...this.#attributes(came) }));
  }

  fail(error: unknown, came: () => CameSoFar = () => ({ answer: undefined })): void {
    this.#span.fail(error, () => this.#attributes(came));
  }

  #attributes(read: () => CameSoFar): Attributes {
    const came = safely(read);
    this.#used = came;
    const { answer, notes } = came ?? {};
    const said = answer === undefined || !this.#telemetry.content ? {} : (safely(() => outputContent(answer)) ?? {});
    return {
      ...told({
        "gen_ai.response.time_to_first_chunk": this.#firstChunk,
        "callscope.response.cached": notes?.cached,
      }),
      ...(answer && responseAttributes(answer, this.#whole)),
      ...said,
    };
  }

  #measure(seconds: number, error: Attributes): void {
    const { answer, notes } = this.#used ?? {};
    const identity = { ...this.#identity, ...told({ "gen_ai.response.model": answer?.model }) };
    this.#meters.duration(seconds, { ...identity, ...error });
    // What a cache of ours gave was used when it was first answered.
    if (notes?.cached) return;
    const { tokens } = answer ?? {};
    const used = tokens === undefined || this.#whole ? tokens : { ...tokens, output: undefined };
    this.#meters.usage(used ?? { input: undefined, output: undefined }, isText(this.#outgoing.prepared), identity);
  }
}

/** The span of one execution of a tool. */
export class ToolSpan {
  readonly #span: OpenSpan;
  readonly #content: boolean;

  constructor(telemetry: Telemetry, meters: Meters, use: ToolRun, about: string) {
    const identity = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": use.name };
    this.#content = telemetry.content;
    this.#span = new OpenSpan(
      telemetry,
      {
        name: `execute_tool ${use.name}`,
        kind: SpanKind.INTERNAL,
        attributes: {
          ...identity,
          "gen_ai.tool.type": "function",
          ...told({
            "gen_ai.tool.call.id": use.id === "" ? undefined : use.id,
            "gen_ai.tool.description": use.description,
          }),
          ...(telemetry.content && safely(() => argumentsContent(use))),
        },
        about,
      },
      (seconds, error) => meters.tool(seconds, { ...identity, ...error }),
    );
  }

  run<Result>(work: () => Result): Result {
    return this.#span.run(work);
  }

  /** An error that a tool gave back, in place of throwing it, is its failure, too. */
  end(result: unknown): void {
    const said = () => (this.#content ? resultContent(result) : {});
    if (result instanceof Error) this.#span.fail(result);
    else this.#span.end(said);
  }

  fail(error: unknown): void {
    this.#span.fail(error);
  }
}

/** The span of one run of a tool loop. */
export class LoopSpan {
  readonly #span: OpenSpan;

  constructor(telemetry: Telemetry, { provider, model, telemetry: names, args }: LoopRun) {
    this.#span = new OpenSpan(
      telemetry,
      {
        name: "invoke_agent",
        kind: SpanKind.INTERNAL,
        attributes: {
          "gen_ai.operation.name": "invoke_agent",
          "gen_ai.provider.name": names?.provider ?? provider,
          "gen_ai.request.model": model,
        },
        about: args,
      },
      () => {},
    );
  }

  run<Result>(work: () => Result): Result {
    return this.#span.run(work);
  }

  end({ status, responses, cost }: LoopEnd): void {
    this.#span.end(() =>
      told({
        "callscope.loop.status": status,
        "callscope.loop.requests": responses.length,
        // Of another name than a request's, so that nobody adds both up.
        "callscope.loop.cost.usd": cost,
      }),
    );
  }

  /** A run that was left before its end has not failed. */
  fail(error: unknown): void {
    const left = safely(() => (error as { readonly [leftWith]?: LoopEnd } | null | undefined)?.[leftWith]);
    if (left === undefined) this.#span.fail(error);
    else this.end(left);
  }
}
