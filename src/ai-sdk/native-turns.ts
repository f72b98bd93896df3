import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import type { NativeOrigin, Part } from "../message/parts.ts";

type Answer = Extract<LanguageModelV4CallOptions["prompt"][number], { role: "assistant" }>;

interface Kept {
  readonly native: NativeOrigin;
  /** What was told of it: a turn that comes back changed is another one. */
  readonly told: string;
}

/**
 * The native forms of a model's answers, for as long as a conversation may come back: thoughts with what proves them,
 * signatures. Outside goes an id alone, so that nobody who posts messages can forge a turn; the oldest are forgotten.
 */
export class NativeTurns {
  readonly #most: number;
  readonly #kept = new Map<string, Kept>();

  constructor(most: number) {
    if (!Number.isInteger(most) || most < 0) {
      throw new ConfigError(`\`turns\` is how many answers are kept, a whole number from 0; it is ${describe(most)}.`);
    }
    this.#most = most;
  }

  keep(id: string, native: NativeOrigin, content: readonly Part[]): void {
    if (this.#most === 0) return;
    this.#kept.set(id, { native, told: toldOf(content) });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) return;
      this.#kept.delete(oldest);
    }
  }

  /** The native form of a turn that came back as it was told. */
  find(turn: Answer, content: readonly Part[]): NativeOrigin | undefined {
    const ids = new Set(turn.content.flatMap(({ providerOptions }) => turnIn(providerOptions) ?? []));
    const [id] = ids;
    const kept = ids.size === 1 && id !== undefined ? this.#kept.get(id) : undefined;
    return kept?.told === toldOf(content) ? kept?.native : undefined;
  }
}

function turnIn(options: Answer["providerOptions"]): string | undefined {
  const turn = options?.callscope?.turn;
  return typeof turn === "string" ? turn : undefined;
}

// The SDK may join or leave out texts of nothing; thoughts may be pruned, and then they are not to come back.
function toldOf(content: readonly Part[]): string {
  return JSON.stringify(
    content.map((part) => {
      if (part.type !== "tool_call")
        return part.type === "text" || part.type === "thinking" ? [part.type, part.text] : part;
      return ["tool_call", part.id, part.name, parsed(part.arguments)];
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
