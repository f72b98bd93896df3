import { type EventStream, type Layer, type Outgoing, passesEvents } from "../contract/layer.ts";
import { watchEvents } from "../layers/watch-events.ts";
import { type OtelOptions, telemetryFrom } from "./options.ts";
import { Recorder } from "./recorder.ts";

/**
 * A layer that makes OpenTelemetry's spans and metrics of what it stands around, by the semantic conventions for
 * generative AI: a span for each request that is really sent, each tool that a loop runs and each run of a loop. It
 * stands next to the provider, wherever it is given. Never a key, a header, or an error's message; prompts and answers
 * with `content` alone. What fails in it is never felt by the call. Throws `ConfigError`.
 */
export function otel(options: OtelOptions = {}): Layer {
  const recorder = new Recorder(telemetryFrom("otel()", options));
  return {
    name: "otel",
    perRequest: true,
    [passesEvents]: true,
    async send(request, next) {
      const span = recorder.request(request);
      if (span === undefined) return next(request);
      try {
        const received = await span.run(() => next(request));
        span.end(() => ({ answer: request.read(received), notes: received }));
        return received;
      } catch (error) {
        span.fail(error);
        throw error;
      }
    },
    stream: (request, next) => streamed(recorder, request, next),
    async tool(use, next) {
      const span = recorder.tool(use);
      if (span === undefined) return next(use);
      try {
        const result = await span.run(() => next(use));
        span.end(result);
        return result;
      } catch (error) {
        span.fail(error);
        throw error;
      }
    },
    async loop(run, next) {
      const span = recorder.loop(run);
      if (span === undefined) return next(run);
      try {
        const end = await span.run(() => next(run));
        span.end(end);
        return end;
      } catch (error) {
        span.fail(error);
        throw error;
      }
    },
  };
}

function streamed(recorder: Recorder, request: Outgoing, next: (request: Outgoing) => EventStream): EventStream {
  const span = recorder.request(request);
  if (span === undefined) return next(request);
  try {
    return watchEvents(
      span.run(() => next(request)),
      span,
      request.signal,
    );
  } catch (error) {
    span.fail(error);
    throw error;
  }
}
