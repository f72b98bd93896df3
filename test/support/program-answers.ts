import { completion, textChunks, toolCall } from "./chat-server.ts";
import { sse } from "./fault-server.ts";
import type { Answer } from "./server.ts";

// What answers the programs of examples/programs and their twins with the AI SDK: OpenAI's chat completions, chosen by
// what is asked. A value is given as it is asked for, by a forced tool or as JSON.

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: Schema } }[];
  readonly response_format?: { readonly json_schema: { readonly schema: Schema } };
}

interface Schema {
  readonly properties: Readonly<Record<string, unknown>>;
}

const refused = { "content-type": "application/json", "retry-after-ms": "1" };
const slowDown = JSON.stringify({ error: { message: "Slow down", type: "requests", code: "rate_limit_exceeded" } });

/** The handler for one run of one program. */
export function programAnswers(): (request: Answer) => void {
  let rated = 0;
  return (request) => {
    const body = request.request.body as Body;
    const text = JSON.stringify(body.messages);
    const send = (answer: object) => request.send(200, { "content-type": "application/json" }, JSON.stringify(answer));
    if (body.stream === true) {
      const events = textChunks("Yes, ", "from noon ", "to six.");
      return request.send(200, { "content-type": "text/event-stream" }, sse(...events, "[DONE]").join(""));
    }
    if (text.includes("book shop")) return send(completion(ofAgent(body)));
    const isFirstLeg = text.includes("charged twice") && body.model === "gpt-4o-mini";
    const isSecond = text.includes("Is this review") && rated++ === 1;
    if (isFirstLeg || isSecond) return request.send(429, refused, slowDown);
    return send(completion(ofValue(body, answered(text)), body.model));
  };
}

function answered(text: string): unknown {
  if (text.includes("Classify")) return text.includes("white") ? "bug" : "billing";
  if (text.includes("Is this review")) return text.includes("missing") ? "bad" : "good";
  const due = text.includes("assistant") ? "2027-03-03" : "3 March 2027";
  return { number: "INV-2041", total: 1250, due };
}

function ofValue({ tools, response_format }: Body, value: unknown): object {
  const schema = tools?.[0]?.function.parameters ?? response_format?.json_schema.schema;
  const [wrapper = "value"] = Object.keys(schema?.properties ?? {});
  const whole = typeof value === "object" ? value : { [wrapper]: value };
  const name = tools?.[0]?.function.name;
  return name === undefined ? { content: JSON.stringify(whole) } : { tool_calls: [toolCall(name, whole)] };
}

/** It refunds when it is asked to, and knows how much only from the conversation. */
function ofAgent({ messages }: Body): object {
  const last = messages.at(-1);
  if (last?.role === "tool") return { content: `It is done: ${last.content}` };
  if (!String(last?.content).startsWith("How much")) {
    return { tool_calls: [toolCall("refund", { order: "A-17", usd: 30 })] };
  }
  const result = messages.find(({ role }) => role === "tool")?.content;
  return { content: `That was ${/\$\d+/.exec(String(result))?.[0]}.` };
}
