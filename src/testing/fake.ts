import type { FakeWire } from "../contract/fake-answer.ts";
import { kindOfLayer, type Layer, type Outgoing, passesEvents } from "../contract/layer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { type AnswerParts, type Fault, ScriptedAnswer, ScriptedFailure, statusOfKind } from "./answer.ts";
import { Counter, compose } from "./compose.ts";
import { madeUpAnswer } from "./made-up-answer.ts";
import { type OwnRequest, ownRequest } from "./own-request.ts";
import { play, type Scene } from "./play.ts";

/** What answers one request: an answer, its text, an error to throw, a failure by its kind, or a function of the request. */
export type ScriptStep = ScriptedAnswer | ScriptedFailure | string | Error | ScriptFunction;

/** Answers a request; `index` counts the requests from 0. */
export type ScriptFunction = (
  request: Outgoing,
  index: number,
) => Exclude<ScriptStep, ScriptFunction> | Promise<Exclude<ScriptStep, ScriptFunction>>;

/** A script: answers in the order of the requests, or a function that answers all of them. */
export type Script = readonly ScriptStep[] | ScriptFunction;

/** A model that is none: a layer that answers in the provider's place. */
export interface FakeModel extends Layer {
  /** Every request it was asked, in order. */
  readonly requests: readonly Outgoing[];
  /** Throws `ConfigError` where answers of the script were not asked for. */
  done(): void;
}

/** How answers are made up. */
export interface FakeOptions {
  /** What is made up is the same for the same seed. Default 0. */
  readonly seed?: number | string | undefined;
}

/**
 * Answers in the provider's place, in the provider's own form: whole, streamed, and as errors of its SDK. Nothing is
 * sent, and no client is needed. A script that is used up refuses the next request with a `ConfigError`. Without a script,
 * and where an answer says neither text nor value nor calls, what fits the request is made up: calls of its tools, a
 * value of its response model, a sentence. `fake({ seed })` is the same without a script.
 */
export function fake(script?: Script | FakeOptions, given: FakeOptions = {}): FakeModel {
  const isScript = typeof script === "function" || Array.isArray(script);
  if (script !== undefined && !isScript && (typeof script !== "object" || script === null)) {
    throw new ConfigError(`fake() takes an array of answers or a function; it was given ${describe(script)}.`);
  }
  const options = isScript || script === undefined ? given : (script as FakeOptions);
  const unknown = unknownKey("fake() has no option", options, ["seed"]);
  if (unknown !== undefined) throw new ConfigError(unknown);
  return new Fake(isScript ? (script as Script) : () => new ScriptedAnswer({}), String(options.seed ?? 0));
}

class Fake implements FakeModel {
  readonly name = "fake";
  readonly perRequest = true;
  readonly [kindOfLayer] = "answers";
  readonly [passesEvents] = true;
  readonly requests: Outgoing[] = [];
  readonly #script: Script;
  readonly #seed: string;
  readonly #counter = new Counter();

  constructor(script: Script, seed: string) {
    if (Array.isArray(script)) for (const [index, step] of script.entries()) checkStep(step, `Answer ${index}`);
    this.#script = script;
    this.#seed = seed;
  }

  send(request: Outgoing, next: Parameters<NonNullable<Layer["send"]>>[1]) {
    return next(this.#answered(request));
  }

  stream(request: Outgoing, next: Parameters<NonNullable<Layer["stream"]>>[1]) {
    return next(this.#answered(request));
  }

  done(): void {
    const script = this.#script;
    if (typeof script === "function" || this.requests.length >= script.length) return;
    const left = script.slice(this.requests.length).map(shown);
    throw new ConfigError(
      `fake() was asked ${this.requests.length} of its ${script.length} answers; nobody asked for ${left.join(", ")}.`,
    );
  }

  #answered(request: Outgoing): Outgoing {
    // Something inside answers already.
    if (request.standIn !== undefined) return request;
    const index = this.requests.push(request) - 1;
    return request.with({ standIn: play(() => this.#scene(ownRequest(request), index)) });
  }

  async #scene(request: OwnRequest, index: number): Promise<Scene> {
    const step = await this.#step(request, index);
    if (step instanceof Error) return { type: "throw", error: step };
    const wire = await wireOf(request);
    if (!(step instanceof ScriptedFailure)) {
      const parts: AnswerParts = typeof step === "string" ? { text: step } : step.parts;
      const made = isSaid(parts) ? parts : { ...parts, ...(await madeUpAnswer(request, this.#seed)) };
      const answer = compose(made, request, this.#counter);
      return { type: "answer", wire, answer, delay: parts.delay, fault: faultOf(parts.fault) };
    }
    const { kind, options } = step;
    const { message = `A made-up failure: ${kind}`, retryAfterMs, after = 0 } = options;
    const broken = typeof options.answer === "string" ? { text: options.answer } : (options.answer?.parts ?? {});
    const answer = compose(broken, request, this.#counter);
    const headers = {
      "x-request-id": answer.requestId,
      ...(retryAfterMs !== undefined && { "retry-after": String(retryAfterMs / 1000) }),
      ...options.headers,
    };
    const status = options.status ?? wire.statuses?.[kind] ?? statusOfKind[kind];
    const failure = { failure: { kind, status, message, headers }, after };
    return { type: "answer", wire, answer, delay: broken.delay, fault: undefined, failure };
  }

  async #step(request: OwnRequest, index: number): Promise<Exclude<ScriptStep, ScriptFunction>> {
    const script = this.#script;
    const step = typeof script === "function" ? script : script[index];
    if (step === undefined) {
      const { provider, model, purpose } = request;
      throw new ConfigError(
        `fake() has ${script.length} answers, and this is request ${index + 1} (${provider}, ${model}, ${purpose}): give it one more.`,
      );
    }
    if (typeof step !== "function") return step;
    const given = await step(request, index);
    checkStep(given, `What the function of fake() gave for request ${index + 1}`);
    if (typeof given === "function") throw new ConfigError("A function of fake() gave another function.");
    return given;
  }
}

/** True for an answer that says something, be it an empty text. */
function isSaid({ text, value, toolCalls, refusal }: AnswerParts): boolean {
  return text !== undefined || value !== undefined || toolCalls !== undefined || refusal !== undefined;
}

function faultOf(fault: AnswerParts["fault"]): Fault | undefined {
  return typeof fault === "string" ? { kind: fault } : fault;
}

/** How the provider's answers are written. Throws `ConfigError` for a provider that has no way of it. */
async function wireOf({ origin, provider }: OwnRequest): Promise<FakeWire<ProviderTypes>> {
  const wire = await origin.call.provider.fake?.();
  const { client } = origin.plan;
  if (wire !== undefined) return { ...wire, error: (failure) => wire.error(failure, client) };
  throw new ConfigError(`fake() cannot write an answer of ${provider}: its provider has no member \`fake\`.`);
}

function checkStep(step: unknown, what: string): asserts step is ScriptStep {
  const known = step instanceof ScriptedAnswer || step instanceof ScriptedFailure || step instanceof Error;
  if (known || typeof step === "string" || typeof step === "function") return;
  throw new ConfigError(
    `${what} is ${describe(step)}: give answer({ … }), failure("…"), a text, an Error or a function of the request.`,
  );
}

function shown(step: ScriptStep): string {
  if (typeof step === "string") return JSON.stringify(step);
  if (typeof step === "function") return "a function";
  if (step instanceof ScriptedAnswer) return `answer(${JSON.stringify(step.parts)})`;
  return step instanceof ScriptedFailure ? `failure("${step.kind}")` : String(step);
}
