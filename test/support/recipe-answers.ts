import { answer as claude } from "./anthropic-server.ts";
import { completion, textChunks, toolCall } from "./chat-server.ts";
import { answerWithSound } from "./example-sound.ts";
import { sse } from "./fault-server.ts";
import { message, answer as responded } from "./responses-server.ts";
import type { Answer } from "./server.ts";

// What answers the programs of examples/start and examples/recipes: hand-written, in OpenAI's and Anthropic's form, chosen
// by what is asked.

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly input?: unknown;
  readonly modalities?: unknown;
  readonly response_format?: unknown;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly {
    readonly name?: string;
    readonly input_schema?: Schema;
    readonly function?: { readonly name: string; readonly parameters: Schema };
  }[];
}

interface Schema {
  readonly properties: Readonly<Record<string, unknown>>;
}

const json = { "content-type": "application/json" };
const refusal = JSON.stringify({
  error: { message: "Rate limit reached", type: "requests", code: "rate_limit_exceeded" },
});

/** The handler for one run of one program. */
export function recipeAnswers(): (request: Answer) => void {
  return (request) => {
    const body = request.request.body as Body;
    const send = (answer: object) => request.send(200, json, JSON.stringify(answer));
    if (request.request.path.endsWith("/responses")) {
      return send(responded([message(textFor(JSON.stringify(body.input), body.model))], { model: body.model }));
    }
    const last = textOf(body.messages.at(-1)?.content);
    if (body.modalities !== undefined) return answerWithSound(request);
    if (request.request.headers.authorization === "Bearer key-eu" && body.model === "gpt-4.1-mini") {
      return request.send(429, { ...json, "retry-after-ms": "1" }, refusal);
    }
    if (body.tools?.[0]?.function?.name === "get_book_info")
      return send({ ...completion(ofLibrarian(body)), id: `chatcmpl-${body.messages.length}` });
    const isValue = body.tools !== undefined || body.response_format !== undefined;
    const value = isValue ? valueFor(last, body.model) : undefined;
    const text = textFor(last, body.model);
    if (request.request.path.endsWith("/messages")) return send(value === undefined ? said(text) : taken(body, value));
    if (body.stream === true) {
      const events = textChunks(...text.split(/(?<= )/));
      return request.send(200, { "content-type": "text/event-stream" }, sse(...events, "[DONE]").join(""));
    }
    return send(completion(value === undefined ? { content: text } : called(body, value), body.model));
  };
}

/** It looks the book up, and then names it. */
function ofLibrarian({ messages }: Body): object {
  if (messages.at(-1)?.role === "tool") return { content: `It is ${textOf(messages.at(-1)?.content)}.` };
  return { tool_calls: [toolCall("get_book_info", { isbn: "0-7653-1178-X" })] };
}

const textOf = (content: unknown): string => (typeof content === "string" ? content : JSON.stringify(content));

/** Values of a schema, by what is asked. */
function valueFor(asked: string, model: string): unknown {
  if (asked.includes("Extract the book")) return { title: "Mistborn", author: "Brandon Sanderson", pages: 544 };
  if (asked.includes("What is this letter"))
    return asked.includes("?  Are") || asked.includes("open") ? "question" : "complaint";
  if (asked.includes("Which answer is best")) return { best: 3, why: "it names what it would cost." };
  if (asked.includes("Is this review good or bad")) {
    const quote = asked.split("say so. ")[1] ?? "";
    return { rating: quote.includes("missing") ? "bad" : quote === "" ? "none" : "good", quote };
  }
  if (asked.includes("Sundays?") && asked.includes("passages")) {
    return { answer: "Yes, from noon to six.", sources: ["opening.md#2"] };
  }
  if (asked.includes("postage")) return { answer: "The shop does.", sources: ["returns.md#2"] };
  if (asked.includes("invoice shows an error")) return model.startsWith("gpt") ? "bug" : "billing";
  return asked.includes("white") ? "bug" : asked.includes("Sundays") ? "question" : "billing";
}

function textFor(asked: string, model: string): string {
  const rules: readonly (readonly [string, string])[] = [
    [
      "should the shop open on sundays",
      model.startsWith("claude")
        ? "Try it for a month, and count what it costs."
        : model === "gpt-4o-mini"
          ? "Yes, if staff agree."
          : "No, rest matters.",
    ],
    ["open on sundays", "Yes, from noon to six."],
    ["summarize", asked.includes("Kelsier") ? "Kelsier plans a rebellion." : "Vin learns that she can burn metals."],
    ["translate to french", "Vin apprend qu'elle peut brûler des métaux."],
    ["translate", "Vin scopre di poter bruciare i metalli."],
    ["apologize", "We are sorry, a new copy is on its way."],
    ["why this one", "Because its magic has rules."],
    ["shorter", "The Emperor's Soul, also by Brandon Sanderson."],
    ["fantasy", "Mistborn by Brandon Sanderson."],
  ];
  return rules.find(([words]) => asked.toLowerCase().includes(words))?.[1] ?? "I do not know.";
}

/** A value as the call asks for it: by OpenAI's forced tool, or as JSON. */
function called({ tools }: Body, value: unknown): object {
  if (tools === undefined) return { content: JSON.stringify(value) };
  const { name = "", parameters } = tools?.[0]?.function ?? {};
  return { tool_calls: [toolCall(name, wrapped(parameters, value))] };
}

function taken({ tools }: Body, value: unknown): object {
  const { name = "", input_schema: schema } = tools?.[0] ?? {};
  const use = { type: "tool_use", id: "toolu_1", name, input: wrapped(schema, value) };
  return claude({ model: "claude-haiku-4-5-20251001", content: [use], stop_reason: "tool_use" });
}

const said = (text: string) => claude({ model: "claude-haiku-4-5-20251001", content: [{ type: "text", text }] });

function wrapped(schema: Schema | undefined, value: unknown): unknown {
  const [wrapper = "value"] = Object.keys(schema?.properties ?? {});
  return typeof value === "object" ? value : { [wrapper]: value };
}
