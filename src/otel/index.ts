// Spans and metrics of OpenTelemetry, by its semantic conventions for generative AI.
export { instrument } from "./instrument.ts";
export { otel } from "./layer.ts";
export type { OtelOptions } from "./options.ts";
