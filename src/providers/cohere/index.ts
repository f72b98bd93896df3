export * from "./calls.ts";
export * as cohere from "./calls.ts";
