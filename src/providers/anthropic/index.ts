export * from "./calls.ts";
export * as anthropic from "./calls.ts";
