import type { Attributes, Meter } from "@opentelemetry/api";
import type { Tokens } from "../money/tokens.ts";

const seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const tokens = Array.from({ length: 14 }, (_, power) => 4 ** power);
const inference = "gen_ai.client.inference";

/** The instruments of the conventions, made once for a meter. */
export class Meters {
  readonly #meter: Meter;
  readonly #duration;
  readonly #firstChunk;
  readonly #nextChunk;
  readonly #tool;
  readonly #inputSize;
  readonly #outputSize;
  readonly #counters;

  constructor(meter: Meter) {
    this.#meter = meter;
    this.#duration = this.#seconds(`${inference}.duration`, "How long a request took, to its last byte or its error.");
    this.#firstChunk = this.#seconds(`${inference}.time_to_first_chunk`, "How long the first event of a stream took.");
    this.#nextChunk = this.#seconds(`${inference}.time_per_output_chunk`, "How long each further event took.");
    this.#tool = this.#seconds("gen_ai.execute_tool.duration", "How long a tool ran.");
    this.#inputSize = this.#sizes("input_tokens", "Tokens that one request had the model read.");
    this.#outputSize = this.#sizes("output_tokens", "Tokens that the model wrote for one request.");
    this.#counters = {
      input: this.#counter("input_tokens", "Tokens that were read, cached ones included."),
      output: this.#counter("output_tokens", "Tokens that were written, reasoning included."),
      cacheRead: this.#counter("cache_read.input_tokens", "Tokens that came from the provider's cache."),
      cacheWrite: this.#counter("cache_write.input_tokens", "Tokens that were written to the provider's cache."),
      reasoning: this.#counter("reasoning.output_tokens", "Tokens that were spent on reasoning."),
    };
  }

  duration(length: number, attributes: Attributes): void {
    this.#duration.record(length, attributes);
  }

  firstChunk(length: number, attributes: Attributes): void {
    this.#firstChunk.record(length, attributes);
  }

  nextChunk(length: number, attributes: Attributes): void {
    this.#nextChunk.record(length, attributes);
  }

  tool(length: number, attributes: Attributes): void {
    this.#tool.record(length, attributes);
  }

  /** Counts what one request used. `isText` says that nothing but text was sent. */
  usage(used: Tokens, isText: boolean, attributes: Attributes): void {
    const counters = this.#counters;
    const rest = isText ? "text" : "unknown";
    const { inputAudio = 0, outputAudio = 0, cacheAudioRead = 0 } = used;
    const add = (kind: keyof typeof counters, count: number | undefined, audio: number, other: string) => {
      if (count === undefined) return;
      const spoken = Math.min(audio, count);
      const split = [["audio", spoken] as const, [other, count - spoken] as const].filter(([, part]) => part > 0);
      for (const [modality, part] of split.length > 0 ? split : [[other, 0] as const]) {
        counters[kind].add(part, { ...attributes, "gen_ai.token.modality": modality });
      }
    };
    add("input", used.input ?? 0, inputAudio, used.input === undefined ? "unknown" : rest);
    add("output", used.output ?? 0, outputAudio, used.output === undefined ? "unknown" : "text");
    add("cacheRead", used.cacheRead, cacheAudioRead, rest);
    add("cacheWrite", used.cacheWrite, 0, rest);
    add("reasoning", used.reasoning, 0, "text");
    if (used.input !== undefined) this.#inputSize.record(used.input, attributes);
    if (used.output !== undefined) this.#outputSize.record(used.output, attributes);
  }

  #seconds(name: string, description: string) {
    return this.#meter.createHistogram(name, { unit: "s", description, advice: { explicitBucketBoundaries: seconds } });
  }

  #sizes(kind: string, description: string) {
    const options = { unit: "{token}", description, advice: { explicitBucketBoundaries: tokens } };
    return this.#meter.createHistogram(`${inference}.operation.${kind}`, options);
  }

  #counter(kind: string, description: string) {
    return this.#meter.createCounter(`${inference}.usage.${kind}`, { unit: "{token}", description });
  }
}
