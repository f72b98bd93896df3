export * from "./calls.ts";
export * as openai from "./calls.ts";
