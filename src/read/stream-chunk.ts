import type { ChunkReading, ProviderTypes } from "../contract/provider.ts";
import { fromBase64 } from "../json/base64.ts";

/** One event of a stream: the SDK's own, and what it says in common words. */
export class StreamChunk<P extends ProviderTypes> {
  /** The SDK's event. */
  readonly chunk: P["Chunk"];
  /** The text this event adds; `""` where it adds none. */
  readonly content: string;
  readonly #reading: ChunkReading<P>;

  constructor(chunk: P["Chunk"], reading: ChunkReading<P>) {
    this.chunk = chunk;
    this.content = reading.content;
    this.#reading = reading;
  }

  /** @internal A step that only hands over a further tool: the last event again, adding nothing. */
  static after<P extends ProviderTypes>(last: StreamChunk<P> | undefined): StreamChunk<P> {
    return new StreamChunk<P>(last?.chunk as P["Chunk"], { content: "" });
  }

  /** The thought this event adds. */
  get thinking(): string | undefined {
    return this.#reading.thinking;
  }

  get finishReasons(): readonly P["FinishReason"][] | undefined {
    return this.#reading.finishReasons;
  }

  get model(): string | undefined {
    return this.#reading.model;
  }

  get id(): string | undefined {
    return this.#reading.id;
  }

  get usage(): P["Usage"] | undefined {
    return this.#reading.usage;
  }

  get inputTokens(): number | undefined {
    return this.#reading.tokens?.input;
  }

  get outputTokens(): number | undefined {
    return this.#reading.tokens?.output;
  }

  /** The sound this event adds, as bytes. */
  get audio(): Uint8Array | undefined {
    const data = this.#reading.audio?.data;
    return data === undefined ? undefined : fromBase64(data);
  }

  get audioTranscript(): string | undefined {
    return this.#reading.audio?.transcript;
  }

  toString(): string {
    return this.content;
  }
}
