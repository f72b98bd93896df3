import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";

/** Where spans and metrics go, and whether they hold what was said. */
export interface OtelOptions {
  /** By default that of the provider that the process has set up, under the name `callscope`. */
  readonly tracer?: Tracer | undefined;
  /** Likewise. */
  readonly meter?: Meter | undefined;
  /** True puts prompts, answers, and arguments and results of tools on the spans, as JSON text. False by default. */
  readonly content?: boolean | undefined;
}

/** The same, with nothing left open. */
export interface Telemetry {
  readonly tracer: Tracer;
  readonly meter: Meter;
  readonly content: boolean;
}

const keys: readonly string[] = ["tracer", "meter", "content"] satisfies (keyof OtelOptions)[];
const scope = "callscope";

/** Checks options and fills them in. Throws `ConfigError`. */
export function telemetryFrom(name: string, options: OtelOptions): Telemetry {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ConfigError(`${name} takes an object of options; it was given ${describe(options)}.`);
  }
  const unknown = unknownKey(`${name} has no option`, options, keys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { tracer = trace.getTracer(scope), meter = metrics.getMeter(scope), content = false } = options;
  if (typeof tracer?.startSpan !== "function") {
    throw new ConfigError(
      `\`tracer\` is a tracer, as \`trace.getTracer()\` gives it; it was given ${describe(tracer)}.`,
    );
  }
  if (typeof meter?.createHistogram !== "function") {
    throw new ConfigError(`\`meter\` is a meter, as \`metrics.getMeter()\` gives it; it was given ${describe(meter)}.`);
  }
  if (typeof content !== "boolean") {
    throw new ConfigError(`\`content\` is true or false; it was given ${describe(content)}.`);
  }
  return { tracer, meter, content };
}
