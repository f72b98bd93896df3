// What happens, as lines of JSON.
export type { Redact } from "../json/scrub.ts";
export type { TraceSink } from "./line-writer.ts";
export { type TraceLayer, type TraceOptions, trace } from "./trace.ts";
