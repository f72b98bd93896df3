export * from "./calls.ts";
export * as bedrock from "./calls.ts";
