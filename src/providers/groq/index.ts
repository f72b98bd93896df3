export * from "./calls.ts";
export * as groq from "./calls.ts";
