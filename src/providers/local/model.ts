import { resolve } from "node:path";
import { ConfigError } from "../../errors/errors.ts";
import { type Engine, type EngineOptions, loadEngine, loadPackages, modelNameOf } from "./engine.ts";
import { generate } from "./generate.ts";
import { defaultModelFile, findModelFile, type ModelFileOptions } from "./model-file.ts";
import { SharedWork } from "./shared-work.ts";
import type { LocalChunk, LocalRequest } from "./types.ts";

/** Which model file, how it is fetched where it is not here, and how it is run. Every field may be left out. */
export interface LocalModelOptions
  extends EngineOptions,
    Readonly<Pick<ModelFileOptions, "path" | "cacheDirectory" | "onProgress">> {}

/**
 * A GGUF model in this process: the client of `callscope/local`. It is loaded by the first call and shared by all; those
 * that find it busy wait for their turn. It keeps no process alive. Give it as `client`, or make none: then the default
 * model is used, or the one that the variable `CALLSCOPE_MODEL` names.
 */
export class LocalModel {
  readonly options: LocalModelOptions;
  readonly #engine: SharedWork<Engine>;
  readonly #others = new Map<string, LocalModel>();
  readonly #calls = new Set<Promise<void>>();

  constructor(options: LocalModelOptions = {}) {
    checkOptions(options);
    this.options = { ...options };
    this.#engine = new SharedWork(async (signal) => {
      const { path, cacheDirectory, onProgress, ...engine } = this.options;
      // Before a hundred megabytes are fetched that nothing here can run.
      await loadPackages();
      return loadEngine(await findModelFile({ path, cacheDirectory, onProgress, signal }), engine, signal);
    });
  }

  /** The model's name: its file's, in lower case, without the quantization. */
  get name(): string {
    return modelNameOf(this.options.path ?? (process.env.CALLSCOPE_MODEL || defaultModelFile.fileName));
  }

  /** Frees the model's memory when the calls that run or wait are done. A later call loads it again. */
  async dispose(): Promise<void> {
    const others = [...this.#others.values()];
    this.#others.clear();
    const [engine, calls] = [this.#engine.take(), [...this.#calls]];
    await Promise.all(others.map((other) => other.dispose()));
    await Promise.allSettled(calls);
    // One that could not be loaded has been freed already.
    await (await engine?.catch(() => undefined))?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /**
   * Answers one request, an event at a time. Rejects with `ConfigError` for a model that is not here or cannot be loaded,
   * `ContextOverflowError` for a prompt that leaves no room for an answer, and the signal's reason when aborted.
   */
  async generate(request: LocalRequest, emit: (chunk: LocalChunk) => void, signal?: AbortSignal): Promise<void> {
    const model = this.#for(request.model);
    const call = model.#run(request, emit, signal);
    model.#calls.add(call);
    try {
      await call;
    } finally {
      model.#calls.delete(call);
    }
  }

  async #run(request: LocalRequest, emit: (chunk: LocalChunk) => void, signal?: AbortSignal): Promise<void> {
    const begun = performance.now();
    const engine = await this.#engine.get(signal);
    const slot = await engine.slots.acquire(signal);
    try {
      await generate({ engine, slot, request, emit, signal, begun });
    } finally {
      engine.slots.release(slot);
    }
  }

  #for(model: string): LocalModel {
    const { path } = this.options;
    if (model === "default" || model === path) return this;
    if (isModelPath(model)) {
      if (path !== undefined && resolve(path) === resolve(model)) return this;
      if (path === undefined) return this.#other(model);
    } else if (model === this.name) return this;
    throw new ConfigError(
      `The local model is "${this.name}", the call names "${model}": name that one or "default", or give the path of a .gguf file to a client without one.`,
    );
  }

  #other(path: string): LocalModel {
    const key = resolve(path);
    const known = this.#others.get(key) ?? new LocalModel({ ...this.options, path });
    this.#others.set(key, known);
    return known;
  }
}

/** True for a model given by its file instead of its name. */
function isModelPath(model: string): boolean {
  return model.toLowerCase().endsWith(".gguf");
}

function checkOptions({ contextSize, threads, sequences }: LocalModelOptions): void {
  for (const [name, value] of Object.entries({ contextSize, threads, sequences })) {
    if (value === undefined || (Number.isSafeInteger(value) && value > 0)) continue;
    throw new ConfigError(`A LocalModel's ${name} is a whole number from 1; it was given ${value}.`);
  }
}
