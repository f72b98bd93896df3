import { availableParallelism } from "node:os";
import { basename } from "node:path";
import type { LlamaContextSequence, LlamaModel, LlamaOptions } from "node-llama-cpp";
import { missingSdk } from "../../contract/sdk.ts";
import { ConfigError } from "../../errors/errors.ts";
import { type ChatTemplate, chatTemplateOf, type Jinja } from "./chat-template.ts";
import { Pool } from "./pool.ts";

type Library = typeof import("node-llama-cpp");

/** How a model is loaded; every field may be left out. */
export interface EngineOptions {
  /** Tokens one conversation may have, answer included. Default: what the model was trained for, but at most 4096. */
  readonly contextSize?: number | undefined;
  /** Threads that calculate. Default: one less than the machine has, at most 8, at least 1. */
  readonly threads?: number | undefined;
  /** What calculates, as node-llama-cpp names it. Default `"auto"`: a graphics card where there is one. */
  readonly gpu?: LlamaOptions["gpu"];
  /** How many answers are generated at a time, each with a context of its own; further calls wait. Default 1. */
  readonly sequences?: number | undefined;
}

/** A place where one answer at a time is generated. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** How many tokens from the beginning of its memory were read as whole pieces of a prompt. */
  read: number;
}

/** A model in memory, ready to generate. */
export interface Engine {
  /** The model's name, from its file's. */
  readonly name: string;
  readonly library: Library;
  readonly model: LlamaModel;
  readonly template: ChatTemplate;
  readonly slots: Pool<Slot>;
  /** Frees the memory. Nobody may be generating any more. */
  close(): Promise<void>;
}

// A context of this size is 94 MB for the default model, and half a gigabyte for one of eight billion parameters.
const largestDefaultContext = 4096;

// More threads than there are free cores wait for each other in a busy loop: a hundred times slower, measured on two.
const mostThreads = 8;

/** The model's name by its file's: lower case, without the quantization and the number of a part. */
export function modelNameOf(path: string): string {
  const stem = basename(path).replace(/\.gguf$/i, "");
  const whole = stem.replace(/-\d{5}-of-\d{5}$/, "");
  return whole.replace(/[.-](?:(?:I?Q\d|TQ\d)[\w]{0,8}|[Bb]?[Ff](?:16|32)|MXFP4)$/i, "").toLowerCase();
}

/** What a model is run by, and its chat template. Rejects with `MissingPackageError` for one that is not installed. */
export async function loadPackages(): Promise<{ library: Library; jinja: Jinja }> {
  return {
    library: await import("node-llama-cpp").catch(missingSdk("node-llama-cpp", "local")),
    jinja: await import("@huggingface/jinja").catch(missingSdk("@huggingface/jinja", "local")),
  };
}

/**
 * Loads the model file at `path`. Throws `ConfigError`, with what node-llama-cpp said as its cause, when it cannot be,
 * and `MissingPackageError` as `loadPackages` does.
 */
export async function loadEngine(path: string, options: EngineOptions, signal: AbortSignal): Promise<Engine> {
  const { library, jinja } = await loadPackages();
  const llama = await startLlama(library, options);
  try {
    signal.throwIfAborted();
    const model = await llama.loadModel({ modelPath: path, loadSignal: signal });
    const { contextSize = { max: largestDefaultContext }, sequences = 1 } = options;
    const threads = options.threads ?? Math.max(1, Math.min(mostThreads, availableParallelism() - 1));
    const context = await model.createContext({ contextSize, sequences, threads, createSignal: signal });
    const slots = Array.from({ length: sequences }, () => ({ sequence: context.getSequence(), read: 0 }));
    return {
      name: modelNameOf(path),
      library,
      model,
      template: chatTemplateOf(library, jinja, model),
      slots: new Pool<Slot>(slots),
      close: () => llama.dispose(),
    };
  } catch (cause) {
    await llama.dispose();
    signal.throwIfAborted();
    throw new ConfigError(`The model file "${path}" cannot be loaded: ${reasonOf(cause)}`, { cause });
  }
}

async function startLlama(library: Library, { gpu = "auto" }: EngineOptions) {
  try {
    return await library.getLlama({
      gpu,
      // Building from source takes minutes and a compiler: nothing to begin in the middle of a call.
      build: "never",
      skipDownload: true,
      progressLogs: false,
      logLevel: library.LlamaLogLevel.disabled,
      logger() {},
    });
  } catch (cause) {
    throw new ConfigError(
      "node-llama-cpp has no binary for this machine: run `npx node-llama-cpp source download`, or install it again with its optional dependencies.",
      { cause },
    );
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
