export * from "./calls.ts";
export * as vertex from "./calls.ts";
