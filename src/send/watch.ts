import type { TracingChannel } from "node:diagnostics_channel";
import type { EventStream, Layer, Outgoing } from "../contract/layer.ts";
import { passesEvents } from "../contract/layer.ts";
import { stackLayers } from "../contract/layer-stack.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { Definition } from "../prepare/prepare.ts";

// What layers see is told to Node's diagnostics channels as well, so that one hook watches a whole process without a
// registry of ours: `callscope:request`, `callscope:tool`, `callscope:call`, `callscope:loop`, each a tracing channel.

/** What a subscriber to a channel's `start` may set on its message, keeping what is there. */
export interface Watched {
  /** Runs what is watched, each step of a stream by itself: for what is kept in async context. */
  around?: <Result>(work: () => Result) => Result;
  /** Told of each event of a stream. */
  event?: () => void;
}

/** The message about a stream: its events are there from the start, and tell what came of it. */
interface WatchedStream extends Watched {
  readonly request: Outgoing;
  readonly result: EventStream;
  error?: unknown;
  /** True where it was left before its end. */
  left?: true;
}

interface Channels {
  readonly request: TracingChannel;
  readonly tool: TracingChannel;
  readonly call: TracingChannel;
  readonly loop: TracingChannel;
}

/** @internal The channels, once a call was defined; `undefined` on a runtime without them. */
export const watch: { channels: Channels | undefined } = { channels: undefined };

/** @internal Looks for the channels of the runtime. */
export function openChannels(): void {
  if (watch.channels !== undefined) return;
  const module = globalThis.process?.getBuiltinModule?.("node:diagnostics_channel");
  if (module === undefined) return;
  const channel = (name: string) => module.tracingChannel(`callscope:${name}`);
  watch.channels = { request: channel("request"), tool: channel("tool"), call: channel("call"), loop: channel("loop") };
}

/** @internal The same call with the channels as its innermost layer. */
export function watched<P extends ProviderTypes>(call: Definition<P>): Definition<P> {
  const { channels } = watch;
  if (channels === undefined) return call;
  return { ...call, layers: stackLayers([[toChannels(channels)], ...(call.layers?.levels ?? [])]) };
}

function toChannels({ request, tool, call, loop }: Channels): Layer {
  return {
    name: "diagnostics",
    perRequest: true,
    [passesEvents]: true,
    send: (outgoing, next) => traced(request, { request: outgoing }, () => next(outgoing)),
    stream: (outgoing, next) => tracedEvents(request, outgoing, next),
    tool: (use, next) => traced(tool, { use }, () => next(use)),
    call: (use, next) => traced(call, { use }, () => next(use)),
    loop: (run, next) => traced(loop, { run }, () => next(run)),
  };
}

function traced<Result>(channel: TracingChannel, message: object, work: () => Promise<Result>): Promise<Result> {
  if (!channel.hasSubscribers) return work();
  return channel.tracePromise(() => inside(message, work), message) as Promise<Result>;
}

function inside<Result>({ around }: Watched, work: () => Result): Result {
  return around === undefined ? work() : around(work);
}

/** Events have no promise to trace: the channel hears when they are asked for and when they end, however they do. */
function tracedEvents(
  channel: TracingChannel,
  outgoing: Outgoing,
  next: (outgoing: Outgoing) => EventStream,
): EventStream {
  const inner = next(outgoing);
  if (!channel.hasSubscribers) return inner;
  const context: WatchedStream = { request: outgoing, result: inner };
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    channel.asyncStart.publish(context);
    channel.asyncEnd.publish(context);
  };
  return {
    get head() {
      return inner.head;
    },
    get notes() {
      return inner.notes;
    },
    get answer() {
      return inner.answer;
    },
    [Symbol.asyncIterator]() {
      channel.start.publish(context);
      const iterator = inner[Symbol.asyncIterator]();
      channel.end.publish(context);
      return {
        async next() {
          try {
            const step = await inside(context, () => iterator.next());
            if (step.done) end();
            else context.event?.();
            return step;
          } catch (error) {
            context.error = error;
            channel.error.publish(context);
            end();
            throw error;
          }
        },
        async return() {
          if (!over) context.left = true;
          end();
          await inside(context, async () => iterator.return?.());
          return { done: true, value: undefined };
        },
      };
    },
  };
}
