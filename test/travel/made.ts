import { chunk, completion, toolCall } from "../support/chat-server.ts";
import * as cohere from "../support/cohere-server.ts";
import * as converse from "../support/converse-server.ts";
import { type Handler, sse, status, whole } from "../support/fault-server.ts";
import { event } from "../support/gemini-server.ts";
import * as mistral from "../support/mistral-wire.ts";
import type { Kind } from "./begin.ts";

// Answers after the providers' references, for the kinds that no recording has: two tools called side by side (`weather`
// and `clock`), one tool, and text.

const weather = { city: "Paris", days: [1, 2] };
const clock = { zone: "Europe/Paris" };
const single = { city: "Rome" };
const thought = "The tools will know.";

const chatCalls: { readonly [Made in Kind]: readonly object[] } = {
  parallel: [toolCall("weather", weather, "call_made_parallel_1"), toolCall("clock", clock, "call_made_parallel_2")],
  single: [toolCall("weather", single, "call_made_single")],
  text: [],
};

function chat(kind: Kind, stream: boolean, thinking: object): Handler {
  const said = kind === "text" ? { content: "It is fine." } : { content: null, tool_calls: chatCalls[kind] };
  const message = { ...said, ...thinking };
  if (!stream) return status(200, completion(message));
  const calls = chatCalls[kind].map((call, index) => ({ ...call, index }));
  const delta = kind === "text" ? message : { ...thinking, tool_calls: calls };
  return whole(
    sse(chunk({ role: "assistant", ...delta }), chunk({}, kind === "text" ? "stop" : "tool_calls"), "[DONE]"),
  );
}

function mistralStream(): Handler {
  const calls = [
    mistral.toolCall("made0call", "weather", JSON.stringify(weather), 0),
    mistral.toolCall("made1call", "clock", JSON.stringify(clock), 1),
  ];
  return whole(
    mistral.events(
      mistral.chunk({ role: "assistant", content: "" }),
      mistral.chunk({ tool_calls: calls }, "tool_calls"),
    ),
  );
}

function cohereStream(): Handler {
  const { messageStart, planEvents, callEvents, messageEnd, eventStream } = cohere;
  const first = callEvents(0, "weather_made0", "weather", JSON.stringify(weather));
  const second = callEvents(1, "clock_made1", "clock", JSON.stringify(clock));
  return whole(eventStream(messageStart, ...planEvents(thought), ...first, ...second, messageEnd("TOOL_CALL")));
}

function googleStream(): Handler {
  const first = { functionCall: { name: "weather", args: weather }, thoughtSignature: "bWFkZS1zaWduYXR1cmU=" };
  return whole(sse(event([first]), event([{ functionCall: { name: "clock", args: clock } }], "STOP")));
}

function converseWhole(): Handler {
  const toolUse = (toolUseId: string, name: string, input: object) => ({ toolUse: { toolUseId, name, input } });
  const thinking = { reasoningContent: { reasoningText: { text: thought, signature: "made-signature" } } };
  const calls = [toolUse("tooluse_made0", "weather", weather), toolUse("tooluse_made1", "clock", clock)];
  return converse.answer([thinking, ...calls], "tool_use");
}

/** The made answer of a provider: for those kinds only that the recordings lack. */
export function madeAnswer(name: string, kind: Kind, stream: boolean): Handler {
  switch (`${name} ${kind} ${stream}`) {
    case "mistral parallel true":
      return mistralStream();
    case "cohere parallel true":
      return cohereStream();
    case "vertex parallel true":
      return googleStream();
    case "bedrock parallel false":
      return converseWhole();
    default:
      if (name === "groq") return chat(kind, stream, { reasoning: thought });
      if (name === "azure") return chat(kind, stream, {});
      throw new Error(`No answer is made of ${name}: ${kind}, stream ${stream}.`);
  }
}

/** A stand-in for the model in the process, which has no wire. */
export function madeModel(kind: Kind): object {
  const calls = chatCalls[kind].map((call) => {
    const { id, function: fn } = call as { id: string; function: { name: string; arguments: string } };
    return { id, ...fn };
  });
  const head = { id: "local-1", model: "made", created: 1, usage: { inputTokens: 10, outputTokens: 5 } };
  return {
    async generate(_: unknown, emit: (chunk: object) => void) {
      emit({ ...head, delta: { thinking: thought } });
      if (kind === "text") emit({ ...head, delta: { content: "It is fine." } });
      for (const [index, call] of calls.entries()) emit({ ...head, delta: { toolCall: { index, ...call } } });
      const timings = { waiting: 0, reading: 1, writing: 1 };
      emit({ ...head, delta: {}, finishReason: kind === "text" ? "stop" : "toolCalls", timings });
    },
  };
}
