export * from "./calls.ts";
export * as local from "./calls.ts";
