import type { TracingChannel } from "node:diagnostics_channel";
import type { EventStream, LoopEnd, LoopRun, Outgoing, ToolRun } from "../contract/layer.ts";
import type { Received } from "../contract/received.ts";
import { ConfigError } from "../errors/errors.ts";
import { endWithSignal } from "../layers/watch-events.ts";
import { openChannels, type Watched, watch } from "../send/watch.ts";
import { safely } from "./nested.ts";
import { type OtelOptions, telemetryFrom } from "./options.ts";
import { Recorder, type RequestSpan } from "./recorder.ts";

/**
 * The same spans and metrics as `otel()` makes, of every call of the process, by Node's diagnostics channels: no call has
 * to be given a layer, and what has one is not counted twice. Gives a function that ends it; what has begun is followed to
 * its end. Throws `ConfigError`, also on a runtime without these channels.
 */
export function instrument(options: OtelOptions = {}): () => void {
  const recorder = new Recorder(telemetryFrom("instrument()", options));
  openChannels();
  const { channels } = watch;
  if (channels === undefined) {
    throw new ConfigError(
      "instrument() needs Node's diagnostics channels, which this runtime lacks: use the layer otel().",
    );
  }
  const ends = [
    follow<RequestMessage>(channels.request, (message) => followRequest(recorder.request(message.request), message)),
    follow<ToolMessage>(channels.tool, ({ use }) => {
      const span = recorder.tool(use);
      return span && { ...runs(span), end: ({ result }) => span.end(result), fail: (error) => span.fail(error) };
    }),
    follow<LoopMessage>(channels.loop, ({ run }) => {
      const span = recorder.loop(run);
      return span && { ...runs(span), end: ({ result }) => span.end(result), fail: (error) => span.fail(error) };
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

// What a channel tells: one message from the start of a work to its end.
interface RequestMessage extends Watched {
  readonly request: Outgoing;
  readonly result: Received | EventStream;
  readonly left?: true;
}

interface ToolMessage extends Watched {
  readonly use: ToolRun;
  readonly result: unknown;
}

interface LoopMessage extends Watched {
  readonly run: LoopRun;
  readonly result: LoopEnd;
}

/** What is done with one message. */
interface Following<Message> {
  around<Result>(work: () => Result): Result;
  end(message: Message): void;
  fail(error: unknown): void;
}

function runs(span: { run<Result>(work: () => Result): Result }): Pick<Following<unknown>, "around"> {
  return { around: (work) => span.run(work) };
}

function followRequest(span: RequestSpan | undefined, message: RequestMessage): Following<RequestMessage> | undefined {
  if (span === undefined) return undefined;
  const { request } = message;
  if (!isStream(message.result)) {
    return {
      ...runs(span),
      end: ({ result }) => {
        const received = result as Received;
        span.end(() => ({ answer: request.read(received), notes: received }));
      },
      fail: (error) => span.fail(error),
    };
  }
  const events = message.result;
  const came = () => ({ answer: events.answer, notes: events.notes });
  const forget = endWithSignal(request.signal, (reason) => span.fail(reason, came));
  message.event = joined(message.event, () => span.event());
  return {
    ...runs(span),
    end: ({ left }) => {
      if (left) span.leave(came);
      else span.end(came);
      forget();
    },
    fail(error) {
      span.fail(error, came);
      forget();
    },
  };
}

function isStream(result: RequestMessage["result"] | undefined): result is EventStream {
  return result !== undefined && Symbol.asyncIterator in result;
}

function joined(first: (() => void) | undefined, second: () => void): () => void {
  if (first === undefined) return second;
  return () => {
    first();
    second();
  };
}

/** Follows the messages of a channel. What a subscriber throws would end the process: nothing does. */
function follow<Message extends Watched>(
  channel: TracingChannel,
  begin: (message: Message) => Following<Message> | undefined,
): () => void {
  const followed = new Map<object, Following<Message>>();
  let ended = false;
  const leaveIfDone = () => {
    if (ended && followed.size === 0) channel.unsubscribe(subscribers);
  };
  const subscribers = {
    start(context: object) {
      // The channels' own messages, which this package writes.
      const message = context as Message;
      const following = ended ? undefined : safely(() => begin(message));
      if (following === undefined) return;
      followed.set(message, following);
      const { around } = message;
      message.around = around === undefined ? following.around : (work) => around(() => following.around(work));
    },
    error(context: object) {
      safely(() => followed.get(context)?.fail((context as { readonly error?: unknown }).error));
    },
    asyncEnd(context: object) {
      safely(() => followed.get(context)?.end(context as Message));
      followed.delete(context);
      leaveIfDone();
    },
    end() {},
    asyncStart() {},
  };
  channel.subscribe(subscribers);
  return () => {
    ended = true;
    leaveIfDone();
  };
}
