export * from "./calls.ts";
export * as openai from "./calls.ts";
export { type Compatible, compatible } from "./compatible/compatible.ts";
export type { PresetName } from "./compatible/presets.ts";
export type { CompatibleService, CompatibleTypes, Quirks } from "./compatible/types.ts";
