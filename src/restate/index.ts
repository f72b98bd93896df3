// Requests and tools as durable steps of Restate, and rows over its ingress.

export type { DurableOptions } from "../durable/layer.ts";
export type { KeptFailure } from "../errors/kept-failure.ts";
export { durable } from "./durable.ts";
export { StepError } from "./step-error.ts";
