import { AsyncLocalStorage } from "node:async_hooks";
import { type Attributes, type Context, type ContextManager, context, ROOT_CONTEXT } from "@opentelemetry/api";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";

// The real SDK of OpenTelemetry with exporters that keep what they are given, and a context manager as small as can be.

class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    inside: Context,
    work: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(inside, () => Reflect.apply(work, self, args) as ReturnType<F>);
  }

  bind<T>(_inside: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

/** The context manager of this process, until it is disposed of. */
export function useContexts(): Disposable {
  context.setGlobalContextManager(new Contexts());
  return { [Symbol.dispose]: () => context.disable() };
}

class OnDemand extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** One measured series: its sum or its count, and what it is told apart by. */
export interface Series {
  readonly unit: string;
  readonly attributes: Attributes;
  readonly count: number;
  readonly sum: number;
}

/** A tracer and a meter, and what they were told. */
export function startTelemetry() {
  const exporter = new InMemorySpanExporter();
  const begun: string[] = [];
  const order: SpanProcessor = {
    onStart: (span) => void begun.push(span.spanContext().spanId),
    onEnd() {},
    async forceFlush() {},
    async shutdown() {},
  };
  const traces = new BasicTracerProvider({ spanProcessors: [order, new SimpleSpanProcessor(exporter)] });
  const reader = new OnDemand();
  const meters = new MeterProvider({ readers: [reader] });
  return {
    /** What `otel()` and `instrument()` take. */
    to: { tracer: traces.getTracer("test"), meter: meters.getMeter("test") },
    /** The spans that have ended, in the order in which they began. */
    spans: (): ReadableSpan[] => {
      const ended = exporter.getFinishedSpans();
      return begun.flatMap((id) => ended.filter((span) => span.spanContext().spanId === id));
    },
    async metrics(): Promise<Record<string, Series[]>> {
      const { resourceMetrics } = await reader.collect();
      const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
      return Object.fromEntries(
        all.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ attributes, value }) => {
            const { count, sum = 0 } =
              typeof value === "number" ? { count: 1, sum: value } : (value as Pick<Series, "count" | "sum">);
            return { unit: descriptor.unit, attributes, count, sum };
          }),
        ]),
      );
    },
  };
}
