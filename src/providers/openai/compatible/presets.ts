import type { ChatSupport } from "../../../dialects/chat-completions-parts.ts";
import type { CompatibleService } from "./types.ts";

/** A known service: its address, its key's variable, and in what it differs. */
export interface Preset extends CompatibleService {
  /** True where it is served without a key, too. */
  readonly keyIsOptional?: true;
  /** True for parameters with which it takes no forced tool. */
  readonly thinks?: ChatSupport["thinks"];
  readonly cacheMark?: ChatSupport["cacheMark"];
  /** True where a usage's `cost` is what was charged, in US dollars. */
  readonly tellsCost?: true;
}

/** The services that `compatible` knows by name. */
export const presets = {
  /** In this machine, without a key. https://docs.ollama.com/api/openai-compatibility: `tool_choice` is not among its fields. */
  ollama: { name: "ollama", baseURL: "http://127.0.0.1:11434/v1", forcesTools: false },

  /** `vllm serve`; the key is the one it was started with. https://docs.vllm.ai/en/latest/serving/openai_compatible_server */
  vllm: { name: "vllm", baseURL: "http://127.0.0.1:8000/v1", apiKeyFrom: "VLLM_API_KEY", keyIsOptional: true },

  /**
   * https://openrouter.ai/docs/quickstart; marks as Anthropic's: https://openrouter.ai/docs/features/prompt-caching; what was
   * charged, a credit being a dollar: https://openrouter.ai/docs/use-cases/usage-accounting
   */
  openrouter: {
    name: "openrouter",
    baseURL: "https://openrouter.ai/api/v1",
    apiKeyFrom: "OPENROUTER_API_KEY",
    cacheMark: (ttl) => ({ cache_control: { type: "ephemeral", ...(ttl !== undefined && { ttl }) } }),
    tellsCost: true,
  },

  /** https://api-docs.deepseek.com */
  deepseek: {
    name: "deepseek",
    baseURL: "https://api.deepseek.com",
    apiKeyFrom: "DEEPSEEK_API_KEY",
    thinks: thinksUnlessToldNot,
  },

  /** https://docs.x.ai/docs/overview */
  xai: { name: "xai", baseURL: "https://api.x.ai/v1", apiKeyFrom: "XAI_API_KEY", telemetryName: "x_ai" },

  /** https://docs.together.ai/docs/inference/openai-compatibility */
  together: { name: "together", baseURL: "https://api.together.ai/v1", apiKeyFrom: "TOGETHER_API_KEY" },

  /** https://docs.fireworks.ai/tools-sdks/openai-compatibility */
  fireworks: {
    name: "fireworks",
    baseURL: "https://api.fireworks.ai/inference/v1",
    apiKeyFrom: "FIREWORKS_API_KEY",
  },
} as const satisfies Readonly<Record<string, Preset>>;

/** A service that needs no address to be given. */
export type PresetName = keyof typeof presets;

/**
 * Thinking is on unless it is switched off, and forbids a forced tool.
 * https://api-docs.deepseek.com/guides/thinking_mode
 */
function thinksUnlessToldNot({ thinking }: { readonly thinking?: unknown }): boolean {
  return (thinking as { readonly type?: unknown } | null | undefined)?.type !== "disabled";
}
