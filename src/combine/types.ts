import type { CallNode, Combination } from "../call/combination.ts";
import type { CallPromise, definition, LayersFor, Overrides, ReadResult, Retooled } from "../call/types.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { Received, ReceivedData } from "../contract/received.ts";
import type { When } from "../errors/when.ts";
import type { Prepared } from "../prepare/prepare.ts";
import type { PreparedCall } from "../prepare/report.ts";
import type { Stream } from "../read/stream.ts";
import type { StructuredStream } from "../structured/structured-stream.ts";
import type { Tool } from "../tools/tool.ts";

/** Any call, or several in one. */
export type AnyCall = ((...args: never[]) => unknown) & { readonly [definition]: object };

/** The same, for what is read from it. */
export interface CallLike<P extends ProviderTypes, Args extends unknown[], Result> {
  (...args: Args): Result;
  readonly [definition]: CallNode<P>;
}

/** A leg of a fallback: a call, and where it is not for every error of a provider, the errors after which it is asked. */
export type LegOption = AnyCall | { readonly call: AnyCall; readonly when?: When | readonly When[] | undefined };

// A function has a `call` of the language's own.
type CallOf<Leg> = Leg extends (...args: never[]) => unknown
  ? Leg
  : Leg extends { readonly call: infer Call }
    ? Call
    : never;

type ArgsOf<Call> = Call extends (...args: infer Args) => unknown ? Args : never;
type ResultOf<Call> = Call extends (...args: never[]) => infer Result ? Result : never;
type TypesOf<Call> = Call extends { readonly [definition]: CallNode<infer P> } ? P : never;

type KindOf<Result> =
  Result extends Stream<infer _, infer __, infer ___>
    ? "stream"
    : Result extends StructuredStream<infer _, infer __, infer ___>
      ? "structured stream"
      : "whole";

/** Nothing where a leg fits the first, else the sentence that says why it does not. */
export type Fitting<Args, Result, Leg> =
  // What is not inferred yet, because it is written in place, is looked at last.
  unknown extends Result
    ? unknown
    : IsUnknownCall<ArgsOf<CallOf<Leg>>> extends true
      ? unknown
      : Args extends ArgsOf<CallOf<Leg>>
        ? KindOf<Result> extends KindOf<ResultOf<CallOf<Leg>>>
          ? unknown
          : "all legs stream (text, or structured values), or none does"
        : "legs take the same arguments";

type IsUnknownCall<Args extends readonly unknown[]> = [Args[number]] extends [never]
  ? number extends Args["length"]
    ? true
    : false
  : false;

/** The same for the legs after the first. */
export type FittingRest<Args, Result, Rest extends readonly unknown[]> = {
  readonly [Index in keyof Rest]: Fitting<Args, Result, Rest[Index]>;
};

type ValueOf<Result> = Result extends CallPromise<infer Value, infer _, infer __> ? Value : never;
type AnswerOf<Result> = Result extends CallPromise<infer _, infer Answer, infer __> ? Answer : never;
type ExtractedOf<Result> = Result extends CallPromise<infer _, infer __, infer Extracted> ? Extracted : never;
type ToolsOf<Result> = Result extends Stream<infer _, infer T, infer __> ? T : never;
type PartialsOf<Result> = Result extends Stream<infer _, infer __, infer Partials> ? Partials : never;
type ModelOf<Result> = Result extends StructuredStream<infer _, infer Value, infer __> ? Value : never;
type GrowingOf<Result> = Result extends StructuredStream<infer _, infer __, infer Growing> ? Growing : never;

/** What one of several calls gives: the union of what they give. */
type UnionOf<P extends ProviderTypes, Result> =
  KindOf<Result> extends "whole"
    ? CallPromise<ValueOf<Result>, AnswerOf<Result>, ExtractedOf<Result>>
    : KindOf<Result> extends "stream"
      ? Stream<P, ToolsOf<Result>, PartialsOf<Result>>
      : StructuredStream<P, ModelOf<Result>, GrowingOf<Result>>;

/** What legs make together. */
export type Combined<
  P extends ProviderTypes,
  Args extends unknown[],
  Result,
  Rest extends readonly unknown[],
> = CombinedCall<
  P | TypesOf<CallOf<Rest[number]>>,
  Args,
  UnionOf<P | TypesOf<CallOf<Rest[number]>>, Result | ResultOf<CallOf<Rest[number]>>>
>;

type IsUnion<T, Whole = T> = [T] extends [never]
  ? false
  : T extends unknown
    ? [Whole] extends [T]
      ? false
      : true
    : never;

/** What belongs to one provider, and so to one leg. */
interface OfOneLeg {
  readonly model?: "a model belongs to one provider: give it to the leg";
  readonly client?: "a client belongs to one provider: give it to the leg";
  readonly callParams?: "parameters belong to one provider: give them to the leg";
}

/** What every leg is given; a model, a client and parameters only where all legs are on one provider. */
export type CombinedOverrides<P extends ProviderTypes, Tools extends readonly Tool[] = readonly Tool[]> =
  true extends IsUnion<P> ? Omit<Overrides<P, Tools>, keyof OfOneLeg> & OfOneLeg : Overrides<P, Tools>;

/** Several calls in one. `P` is the union of their providers. */
export interface CombinedCall<P extends ProviderTypes, Args extends unknown[], Result> {
  (...args: Args): Result;
  /** The same with what every leg is given; `deadline` is for all of them together. */
  with<const Tools extends readonly Tool[] = never>(
    overrides: CombinedOverrides<P, Tools> & LayersFor<Args>,
  ): CombinedCall<P, Args, [Tools] extends [never] ? Result : Retooled<P, Result, Tools[number]>>;
  /** What the first leg would send. Nothing is sent. */
  prepare(...args: Args): Promise<PreparedCall<P>>;
  /** Sends what was prepared, by the leg it was prepared for and by no other. */
  send(prepared: Prepared<P>): Promise<Received<P>>;
  /** Reads what came as the leg that it came from does. */
  read(prepared: Prepared<P>, received: ReceivedData<P>): Promise<ReadResult<P, Result>>;
  /** For what is made of calls. */
  readonly [definition]: Combination<P>;
}
