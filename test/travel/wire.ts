import type { Json } from "../support/replay.ts";

// What a request says, whichever provider's it is: its turns in one form, read off the wire without the library.

/** A call of a tool as it is sent. */
export interface SentCall {
  /** `""` where the wire has none. */
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
}

/** One turn. `tool` is a turn of results only, whatever role the wire gives it. */
export interface Turn {
  readonly role: "system" | "user" | "assistant" | "tool";
  /** Each piece of text as it stands there. */
  readonly texts: readonly string[];
  readonly calls: readonly SentCall[];
  readonly results: readonly { readonly id: string; readonly text: string }[];
}

const json = (text: unknown): unknown => JSON.parse(String(text) || "{}");
const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

function turn(role: Turn["role"], more: Partial<Turn>): Turn {
  return { role, texts: [], calls: [], results: [], ...more };
}

/** The text parts of a content that is text, a list of parts, or nothing. */
function textsOf(content: unknown): string[] {
  if (typeof content === "string") return [content];
  return list(content).flatMap(({ text, type }) => (typeof text === "string" && type !== "thinking" ? [text] : []));
}

/** Chat completions and their like: OpenAI, Groq, LiteLLM, Azure, Mistral, Cohere, and the model in the process. */
function chatTurn(message: Json): Turn {
  const { role, content } = message;
  if (role === "tool") {
    const id = String(message.tool_call_id ?? message.toolCallId ?? "");
    return turn("tool", { results: [{ id, text: textsOf(content).join("") }] });
  }
  const calls = list(message.tool_calls ?? message.toolCalls).map((call): SentCall => {
    const { name, arguments: args } = (call.function ?? call) as Json;
    return { id: String(call.id ?? ""), name: String(name), args: json(args) };
  });
  // An answer that only calls tools has no text, however that is written.
  const texts = calls.length > 0 ? textsOf(content).filter((text) => text !== "") : textsOf(content);
  return turn(role as Turn["role"], { texts, calls });
}

function responsesTurns(body: Json): Turn[] {
  const turns = list(body.input).map((item): Turn => {
    if (item.type === "function_call") {
      const call = { id: String(item.call_id), name: String(item.name), args: json(item.arguments) };
      return turn("assistant", { calls: [call] });
    }
    if (item.type === "function_call_output") {
      return turn("tool", { results: [{ id: String(item.call_id), text: String(item.output) }] });
    }
    const texts = textsOf(item.content);
    return turn((item.role ?? "assistant") as Turn["role"], { texts: item.type === "reasoning" ? [] : texts });
  });
  return joined(turns, "assistant");
}

function anthropicTurns({ system, messages }: Json): Turn[] {
  const instruction = system === undefined ? [] : [turn("system", { texts: textsOf(system) })];
  return [...instruction, ...list(messages).flatMap((message) => split(message.role, blocksOf(message)))];
}

function blocksOf({ content }: Json): Partial<Turn>[] {
  if (typeof content === "string") return [{ texts: [content] }];
  return list(content).map((block): Partial<Turn> => {
    if (block.type === "tool_use")
      return { calls: [{ id: String(block.id), name: String(block.name), args: block.input }] };
    if (block.type === "tool_result")
      return { results: [{ id: String(block.tool_use_id), text: textsOf(block.content).join("") }] };
    return { texts: textsOf([block]) };
  });
}

function bedrockTurns({ system, messages }: Json): Turn[] {
  const instruction = system === undefined ? [] : [turn("system", { texts: textsOf(system) })];
  const turns = list(messages).flatMap(({ role, content }) => {
    const blocks = list(content).map((block): Partial<Turn> => {
      const { toolUse, toolResult } = block as { toolUse?: Json; toolResult?: Json };
      if (toolUse)
        return { calls: [{ id: String(toolUse.toolUseId), name: String(toolUse.name), args: toolUse.input }] };
      if (toolResult)
        return { results: [{ id: String(toolResult.toolUseId), text: textsOf(toolResult.content).join("") }] };
      return { texts: textsOf([block]) };
    });
    return split(role, blocks);
  });
  return [...instruction, ...turns];
}

function googleTurns({ systemInstruction, contents }: Json): Turn[] {
  const { parts: said } = (systemInstruction ?? {}) as Json;
  const instruction = said === undefined ? [] : [turn("system", { texts: textsOf(said) })];
  const turns = list(contents).flatMap(({ role, parts }) => {
    const pieces = list(parts).map((part): Partial<Turn> => {
      const { functionCall: call, functionResponse: result } = part as { functionCall?: Json; functionResponse?: Json };
      if (call) return { calls: [{ id: String(call.id ?? ""), name: String(call.name), args: call.args ?? {} }] };
      if (result) {
        const { output, error } = result.response as Json;
        return { results: [{ id: String(result.id ?? ""), text: String(output ?? error) }] };
      }
      return { texts: part.thought === true ? [] : textsOf([part]) };
    });
    return split(role, pieces);
  });
  return [...instruction, ...turns];
}

/** A user's message with results in it is a turn of results, and one of the text beside them. */
function split(role: unknown, blocks: readonly Partial<Turn>[]): Turn[] {
  const all = {
    texts: blocks.flatMap(({ texts = [] }) => texts),
    calls: blocks.flatMap(({ calls = [] }) => calls),
    results: blocks.flatMap(({ results = [] }) => results),
  };
  if (role !== "user") return [turn("assistant", all)];
  if (all.results.length === 0) return [turn("user", all)];
  const results = turn("tool", { results: all.results });
  return all.texts.length === 0 ? [results] : [results, turn("user", { texts: all.texts })];
}

function joined(turns: readonly Turn[], role: Turn["role"]): Turn[] {
  const done: Turn[] = [];
  for (const one of turns) {
    const last = done.at(-1);
    if (last?.role !== role || one.role !== role) done.push(one);
    else {
      const texts = [...last.texts, ...one.texts];
      done.splice(-1, 1, { ...one, texts, calls: [...last.calls, ...one.calls] });
    }
  }
  return done;
}

/** The turns of a request's body. Results in a row are one turn. */
export function turnsOf(name: string, body: Json): Turn[] {
  switch (name) {
    case "openai-responses":
      return grouped(responsesTurns(body));
    case "anthropic":
      return grouped(anthropicTurns(body));
    case "bedrock":
      return grouped(bedrockTurns(body));
    case "gemini":
    case "vertex":
      return grouped(googleTurns(body));
    default:
      return grouped(list(body.messages).map(chatTurn));
  }
}

function grouped(turns: readonly Turn[]): Turn[] {
  const done: Turn[] = [];
  for (const one of turns) {
    const last = done.at(-1);
    if (last?.role !== "tool" || one.role !== "tool") done.push(one);
    else done.splice(-1, 1, { ...last, results: [...last.results, ...one.results] });
  }
  return done;
}
