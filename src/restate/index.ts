// Requests and tools as durable steps of Restate, and rows over its ingress.
export type { DurableOptions } from "../durable/layer.ts";
export type { DurableMapOptions } from "../durable/rows.ts";
export type { KeptFailure } from "../errors/kept-failure.ts";
export { type DurableContext, durable } from "./durable.ts";
export { map, type RowIngress } from "./map.ts";
export { type RowService, type RowServiceOptions, rowService } from "./row-service.ts";
export { serviceOptions } from "./service-options.ts";
export { StepError } from "./step-error.ts";
