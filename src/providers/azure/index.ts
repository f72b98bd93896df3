export * from "./calls.ts";
export * as azure from "./calls.ts";
