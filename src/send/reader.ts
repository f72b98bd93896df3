import type { ProviderTypes } from "../contract/provider.ts";
import type { Received } from "../contract/received.ts";
import type { Definition, Plan } from "../prepare/prepare.ts";
import type { SeenAnswer } from "./spent.ts";

/** What the step that sends has to know of the step that reads, which stands above it. */
export interface Reader {
  /** What an answer says. `partial` for one that did not come whole. */
  answer<P extends ProviderTypes>(
    call: Definition<P>,
    plan: Plan<P>,
    received: Received<P>,
    partial?: boolean,
  ): SeenAnswer<P>;
  /** The error for a stream that did not come to its proper end, with what was received of it. */
  broken<P extends ProviderTypes>(
    code: StreamFault,
    message: string,
    partial: SeenAnswer<P> | undefined,
    options?: ErrorOptions,
  ): Error;
}

/** How a stream can fail to come to its proper end. */
export type StreamFault = "stream_ended_early" | "stream_stalled" | "stream_broken";
