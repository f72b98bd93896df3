import { randomUUID } from "node:crypto";
import type { ChatHistoryItem, LlamaModel, LlamaText } from "node-llama-cpp";
import { callEnd, callMiddle, callStart, thoughtStart } from "./answer.ts";
import type { LocalMessage, LocalTool, LocalToolCall } from "./types.ts";

type Library = typeof import("node-llama-cpp");
/** What runs the template of a model file. */
export type Jinja = typeof import("@huggingface/jinja");

/** A prompt as text: what is the template's own may hold special tokens, what is a message's never does. */
export interface RenderedPrompt {
  readonly text: LlamaText;
  /** True where the template has opened the model's thoughts already. */
  readonly inThought: boolean;
  /** Texts that end an answer by the template, beside the tokens that do. */
  readonly stops: readonly string[];
}

/** Makes the prompt of a conversation. */
export type ChatTemplate = (messages: readonly LocalMessage[], tools: readonly LocalTool[]) => RenderedPrompt;

type JinjaTemplate = InstanceType<Jinja["Template"]>;

/**
 * The chat template of the model file itself; where it has none, or one that cannot be run, what node-llama-cpp thinks
 * fit for the model.
 */
export function chatTemplateOf(library: Library, jinja: Jinja, model: LlamaModel): ChatTemplate {
  const template = parse(jinja, model.fileInfo.metadata.tokenizer.chat_template);
  if (template === undefined) return wrapperTemplate(library, model);
  const { source, run } = template;
  const specials = { bos_token: model.tokens.bosString ?? "", eos_token: model.tokens.eosString ?? "" };
  return (messages, tools) => {
    // A template that knows this form of tool call has words of its own for the tools.
    const declares = tools.length > 0 && source.includes(callStart) && /\btools\b/.test(source);
    const turns = flatten(messages, declares ? [] : tools);
    const values = { ...specials, add_generation_prompt: true, ...(declares && { tools: tools.map(toFunction) }) };
    return (
      attempt(() => render(library, run, turns, values)) ??
      attempt(() => render(library, run, alternating(turns), values)) ??
      wrapperTemplate(library, model)(messages, tools)
    );
  };
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    // Templates throw at what theirs were not made for.
    return undefined;
  }
}

// Gemma's template and Mistral's older ones know no system, and want user and assistant to take turns.
function alternating(turns: readonly Turn[]): readonly Turn[] {
  const merged: Turn[] = [];
  for (const turn of turns) {
    const role = turn.role === "system" ? "user" : turn.role;
    const last = merged.at(-1);
    if (last?.role !== role) merged.push({ ...turn, role });
    else merged.splice(-1, 1, { ...last, content: `${last.content}\n\n${turn.content}` });
  }
  return merged;
}

function parse(jinja: Jinja, source: string | undefined): { source: string; run: JinjaTemplate } | undefined {
  if (source === undefined) return undefined;
  try {
    return { source, run: new jinja.Template(source) };
  } catch {
    return undefined;
  }
}

// The template never sees the messages' text but a mark in its place: what a user writes cannot become a special token,
// and so cannot end its own turn and begin the system's.
function render(library: Library, template: JinjaTemplate, messages: readonly Turn[], values: object): RenderedPrompt {
  const mark = `callscope-${randomUUID()}-`;
  const texts: string[] = [];
  const hide = (text: string) => `${mark}${texts.push(text) - 1}-`;
  const prefilled = messages.at(-1)?.role === "assistant";
  const marked = messages.map(({ role, content, thinking }) => ({
    role,
    content: hide(content),
    ...(thinking !== undefined && { reasoning_content: hide(thinking) }),
  }));
  const rendered = template.render({ ...values, messages: marked, ...(prefilled && { add_generation_prompt: false }) });
  if (!marked.every(({ content }) => rendered.includes(content))) throw new Error("The template left a message out.");
  const [first = "", ...pieces] = rendered.split(mark);
  const text: (string | InstanceType<Library["SpecialTokensText"]>)[] = [new library.SpecialTokensText(first)];
  for (const [index, piece] of pieces.entries()) {
    const end = piece.indexOf("-");
    text.push(texts[Number(piece.slice(0, end))] ?? "");
    // A turn that is to be continued is not closed.
    if (prefilled && index === pieces.length - 1) break;
    text.push(new library.SpecialTokensText(piece.slice(end + 1)));
  }
  const inThought = !prefilled && rendered.trimEnd().endsWith(thoughtStart);
  return { text: library.LlamaText(text), inThought, stops: [] };
}

function wrapperTemplate(library: Library, model: LlamaModel): ChatTemplate {
  const { fileInfo, filename, tokenizer, tokens } = model;
  // Without its own Jinja, which prints what it cannot run.
  const options = { fileInfo, tokenizer, bosString: tokens.bosString ?? null, noJinja: true, warningLogs: false };
  const known = library.resolveChatWrapper({ ...options, ...(filename !== undefined && { filename }) });
  const wrapper = known ?? new library.GeneralChatWrapper();
  return (messages, tools) => {
    const turns = flatten(messages, tools);
    const chatHistory = turns.map(({ role, content }): ChatHistoryItem => {
      if (role === "assistant") return { type: "model", response: [content] };
      return { type: role, text: content };
    });
    if (turns.at(-1)?.role !== "assistant") chatHistory.push({ type: "model", response: [] });
    const { contextText, stopGenerationTriggers } = wrapper.generateContextState({ chatHistory });
    const stops = stopGenerationTriggers.map(({ values }) => (values.every(isString) ? values.join("") : ""));
    return { text: contextText, inThought: false, stops: stops.filter((stop) => stop !== "") };
  };
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  readonly thinking?: string | undefined;
}

// Every template knows these three roles: calls and results of tools are text in them, in the form Qwen's templates have.
function flatten(messages: readonly LocalMessage[], tools: readonly LocalTool[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const turn = toTurn(message);
    const last = turns.at(-1);
    if (message.role !== "tool" && message.role !== "system") turns.push(turn);
    else if (last?.role !== turn.role) turns.push(turn);
    // The results of one turn's calls are one turn, and so is what several system messages say.
    else turns.splice(-1, 1, { ...last, content: joined(last, turn) });
  }
  if (tools.length === 0) return turns;
  const [first, ...others] = turns;
  const system = { role: "system", content: toolText(tools) } as const;
  if (first?.role !== "system") return [system, ...turns];
  return [{ ...first, content: joined(first, system) }, ...others];
}

function joined(first: Turn, second: Turn): string {
  return `${first.content}${first.role === "system" ? "\n\n" : "\n"}${second.content}`;
}

function toTurn(message: LocalMessage): Turn {
  if (message.role === "tool")
    return { role: "user", content: `<tool_response>\n${message.content}\n</tool_response>` };
  if (message.role !== "assistant") return message;
  const { role, content, thinking, toolCalls = [] } = message;
  const calls = toolCalls.map(writeCall);
  return {
    role,
    thinking,
    content: [...(content.trim() === "" && calls.length > 0 ? [] : [content]), ...calls].join("\n"),
  };
}

function writeCall({ name, arguments: text }: LocalToolCall): string {
  // A call without arguments is one of no arguments, and what the model is shown is always JSON.
  const shown = text.trim() === "" ? "{}" : text;
  return `${callStart}\n{"name": ${JSON.stringify(name)}${callMiddle}${shown}${callEnd}`;
}

// The words of Qwen's and SmolLM's templates, which those models were trained on:
// https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct/blob/main/tokenizer_config.json
function toolText(tools: readonly LocalTool[]): string {
  const signatures = tools.map((tool) => JSON.stringify(toFunction(tool))).join("\n");
  return `# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
${signatures}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>`;
}

function toFunction(tool: LocalTool): object {
  return { type: "function", function: tool };
}
