import { answer as claude } from "./anthropic-server.ts";
import { completion, textChunks, toolCall, toolChunks } from "./chat-server.ts";
import { sse } from "./fault-server.ts";
import type { Answer } from "./server.ts";

// What answers the programs of examples/patterns: hand-written, in OpenAI's and Anthropic's form, chosen by what is asked.

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly {
    readonly name?: string;
    readonly function?: { readonly name: string; readonly parameters: { readonly properties: object } };
  }[];
}

/** The handler for one run of one program. */
export function patternAnswers(): (request: Answer) => void {
  return (request) => {
    const body = request.request.body as Body;
    const send = (answer: object) => request.send(200, { "content-type": "application/json" }, JSON.stringify(answer));
    if (request.request.path.endsWith("/messages")) return send(verdictOfClaude(body));
    if (body.stream === true) {
      const events = sse(...streamed(body), "[DONE]").join("");
      return request.send(200, { "content-type": "text/event-stream" }, events);
    }
    return send(completion(said(body), body.model));
  };
}

const textOf = ({ messages }: Body, index: number): string => String(messages.at(index)?.content ?? "");

function said(body: Body): object {
  const name = body.tools?.[0]?.function?.name;
  const asked = textOf(body, 0);
  if (name === "translate") return ofTranslator(body);
  if (name === "ask_clerk") return ofComplaint(body);
  if (name !== undefined) return { tool_calls: [toolCall(name, wrapped(body, valueFor(asked, body.model)))] };
  if (asked.startsWith("Translate")) return { content: "Elle part demain." };
  return { content: texts.find(([words]) => asked.includes(words))?.[1] ?? "I do not know." };
}

const texts: readonly (readonly [string, string])[] = [
  ["Write, of these notes", "Before printing, a book took a year; now it takes a second."],
  ["scrolls", "Scrolls were rolled, and read from one end."],
  ["printing", "Printing made books cheap."],
  ["screens", "Screens hold a library each."],
];

function valueFor(asked: string, model: string): unknown {
  if (asked.startsWith("Split the work")) return ["scrolls", "printing", "screens"];
  if (asked.startsWith("How helpful"))
    return model === "gpt-4o" ? { reasons: "it says when.", score: 5 } : { reasons: "it is short.", score: 3 };
  if (asked.includes("white") || asked.includes("error")) return "bug";
  return asked.includes("Sundays") ? "question" : "billing";
}

/** A value as a forced tool has it: alone, or under the name that stands for it. */
function wrapped({ tools }: Body, value: unknown): unknown {
  const [wrapper = "value"] = Object.keys(tools?.[0]?.function?.parameters.properties ?? {});
  return typeof value === "object" && !Array.isArray(value) ? value : { [wrapper]: value };
}

function ofTranslator(body: Body): object {
  if (body.messages.at(-1)?.role === "tool") return { content: `Bonjour ! ${textOf(body, -1)}` };
  return { tool_calls: [toolCall("translate", { text: "It leaves tomorrow.", language: "French" })] };
}

/** It asks, wants to give all back, is told that this is too much, and gives less. */
function ofComplaint({ messages }: Body): object {
  const [first, second, third] = messages.filter(({ role }) => role === "tool").map(({ content }) => String(content));
  if (first === undefined) return { tool_calls: [toolCall("ask_clerk", { question: "How torn is it?" }, "call_1")] };
  if (second === undefined) return { tool_calls: [toolCall("refund", { order: "A-17", usd: 30 }, "call_2")] };
  if (third === undefined) return { tool_calls: [toolCall("refund", { order: "A-17", usd: 10 }, "call_3")] };
  return { content: `We are sorry that the cover is torn. ${third}` };
}

function streamed({ messages }: Body): object[] {
  const results = messages.filter(({ role }) => role === "tool").length;
  if (results === 0) return toolChunks("find_book", "call_1", ['{"author":', '"Jane Austen"}']);
  if (results === 1) return toolChunks("find_book", "call_2", ['{"author":"Frank', ' Herbert"}']);
  return textChunks("We have Emma ", "and Persuasion, ", "and nothing of Herbert.");
}

function verdictOfClaude({ tools }: Body): object {
  const input = { reasons: "it names the hours.", score: 4 };
  const use = { type: "tool_use", id: "toolu_1", name: tools?.[0]?.name, input };
  return claude({ model: "claude-haiku-4-5-20251001", content: [use], stop_reason: "tool_use" });
}
