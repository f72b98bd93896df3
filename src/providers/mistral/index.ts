export * from "./calls.ts";
export * as mistral from "./calls.ts";
