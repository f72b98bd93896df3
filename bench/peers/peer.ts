import type * as z from "zod";
import type { Profile } from "../samples.ts";

/** What a stream is asked of. */
export type Vendor = "openai" | "anthropic";

/**
 * Another library, pointed at routes of the server: each job as the library's own documentation does it. A job that it has
 * no way for is left out. What needs doing once in a program (clients, models, tools) is done before the function comes.
 */
export interface Peer {
  readonly name: string;
  /** The text of a small call. */
  ask?(origin: string, route: string): (prompt: string) => Promise<string>;
  /** The text of a call with 200 messages and ten tools. */
  askMuch?(origin: string, route: string): () => Promise<string>;
  /** The pieces of a streamed text. */
  texts?(origin: string, route: string, vendor: Vendor): ((prompt: string) => AsyncIterable<string>) | undefined;
  /** Reads a streamed call of a tool; `see` is given each piece of its arguments. Gives what the tool would be called with. */
  toolCall?(origin: string, route: string): (see: (piece: string) => void) => Promise<unknown>;
  /** A validated value of 30 fields. */
  extract?(origin: string, route: string): (prompt: string) => Promise<z.infer<typeof Profile>>;
  /** The partial values of a streamed object that holds an array of items. */
  partials?(origin: string, route: string): (prompt: string) => AsyncIterable<unknown>;
}
