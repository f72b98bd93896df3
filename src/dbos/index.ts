// Requests and tools as durable steps of DBOS, and rows over one of its queues.
export type { DurableOptions } from "../durable/layer.ts";
export type { DurableMapOptions } from "../durable/rows.ts";
export type { KeptFailure } from "../errors/kept-failure.ts";
export { durable } from "./durable.ts";
export { type DBOSMapOptions, map } from "./map.ts";
export { type RowWorkflow, rowWorkflow } from "./row-workflow.ts";
export { StepError } from "./step-error.ts";
