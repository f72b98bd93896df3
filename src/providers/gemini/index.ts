export * from "./calls.ts";
export * as gemini from "./calls.ts";
