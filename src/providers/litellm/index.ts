export * from "./calls.ts";
export * as litellm from "./calls.ts";
