import { type Attributes, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { errorAttributes } from "./attributes.ts";
import { type Open, parentHere, runInside, safely } from "./nested.ts";
import type { Telemetry } from "./options.ts";

/** A span to be begun. */
export interface Begun {
  readonly name: string;
  readonly kind: number;
  readonly attributes: Attributes;
  /** What it is about, as `isOpen` asks. */
  readonly about: unknown;
}

/** What is added to a span at its end, read only then. */
export type AtEnd = () => Attributes;

/** A span from its beginning to its one end. Nothing in here is felt by what runs inside, however it fails. */
export class OpenSpan {
  readonly #span: Span | undefined;
  readonly #open: Open;
  readonly #began = performance.now();
  readonly #ended: (seconds: number, error: Attributes) => void;
  #over = false;

  /** `ended` is told how long it took and, where it failed, of which kind the error was. */
  constructor(
    { tracer }: Telemetry,
    { name, kind, attributes, about }: Begun,
    ended: (seconds: number, error: Attributes) => void,
  ) {
    const parent = parentHere();
    this.#span = safely(() => tracer.startSpan(name, { kind, attributes }, parent));
    this.#open = { about, context: this.#span === undefined ? parent : trace.setSpan(parent, this.#span) };
    this.#ended = ended;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Seconds since it began. */
  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  /** Runs work inside of it. */
  run<Result>(work: () => Result): Result {
    return runInside(this.#open, work);
  }

  end(attributes: AtEnd): void {
    this.#end(attributes, undefined);
  }

  fail(error: unknown, attributes: AtEnd = () => ({})): void {
    this.#end(attributes, { error });
  }

  #end(attributes: AtEnd, failure: { readonly error: unknown } | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const { seconds } = this;
    safely(() => this.#span?.setAttributes(attributes()));
    const failed = failure && (safely(() => errorAttributes(failure.error)) ?? { "error.type": "_OTHER" });
    if (failed !== undefined) {
      safely(() => this.#span?.setAttributes(failed));
      const message = String(failed["callscope.error.kind"] ?? failed["error.type"]);
      safely(() => this.#span?.setStatus({ code: SpanStatusCode.ERROR, message }));
    }
    safely(() => this.#ended(seconds, failed === undefined ? {} : { "error.type": failed["error.type"] }));
    safely(() => this.#span?.end());
  }
}
