import type { Call } from "../../src/call/types.ts";
import type { ProviderTypes } from "../../src/contract/provider.ts";
import type { Prepared } from "../../src/prepare/prepare.ts";
import type { CallResponse } from "../../src/read/response.ts";
import type { Stream } from "../../src/read/stream.ts";

/** One provider, reached by one of its clients, as the tests that all of them share see it. */
export interface ChatLane {
  /** The provider and, where it has several, the client. */
  readonly title: string;
  readonly provider: string;
  /** True where a stream asks for its usage. */
  readonly asksForUsage: boolean;
  /** True where an answer's `content: null` is sent back as it came, false where it is left out. */
  readonly keepsNull: boolean;
  /** A client for a server of the test's own, with no retries. */
  client(url: string): object;
  /** The class of what is thrown for a status. */
  errorClass(status: number): new (...args: never[]) => Error;
  ask(options: object, prompt: () => unknown): Asked;
  stream(options: object, prompt: () => unknown): Stream;
}

/** A call whose types do not matter to the test. */
export interface Asked {
  (): Promise<CallResponse>;
  prepare(): Promise<Prepared>;
  with(overrides: object): Asked;
}

/** The lane of a provider's `call`. */
export function laneOf<P extends ProviderTypes>(call: Call<P>, lane: Omit<ChatLane, "ask" | "stream">): ChatLane {
  // The tests say by values what the overloads of `Call` say by types.
  const bind = call as unknown as (model: string, options: object, prompt: () => unknown) => unknown;
  return {
    ...lane,
    ask: (options, prompt) => bind("model-1", options, prompt) as Asked,
    stream: (options, prompt) => (bind("model-1", { ...options, stream: true }, prompt) as () => Stream)(),
  };
}
