import { PromptError, UnsupportedError } from "../errors/errors.ts";
import { isMessage } from "../message/message.ts";
import type { Message, Part, ToolCallPart, ToolResultPart } from "../message/parts.ts";
import type { Note } from "./changes.ts";
import { isOwn, mendTurns } from "./mend.ts";
import type { Provider, ProviderTypes } from "./provider.ts";
import { fitResult } from "./result-content.ts";

// What providers take as the id of a tool call. OpenAI's chat completions take 40 characters, Anthropic and Bedrock these
// characters only (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html).
const usualIds = /^[a-zA-Z0-9_-]{1,40}$/;

/** What the user says first where a conversation begins with an answer and the provider takes none to begin with. */
export const opening = "(The conversation begins here.)";

/** True where a conversation begins with an answer of ours; native messages are sent as their author ordered them. */
export function beginsWithAnswer(messages: readonly object[]): boolean {
  const first = messages.find((message) => (message as { role?: unknown }).role !== "system");
  return first !== undefined && isMessage(first) && first.role === "assistant";
}

/** Checks, where the system prompt stands apart from the turns, that there is a turn: without one the APIs refuse it. */
export function checkTurns(provider: string, turns: readonly object[]): void {
  if (turns.length > 0) return;
  const message = `${provider} needs a message beside the system prompt.`;
  throw new UnsupportedError(provider, "a prompt of system messages only", message);
}

/** Where a conversation goes on. */
export type Destination = Pick<Provider<ProviderTypes>, "name" | "kin" | "toolIds" | "resultMedia"> &
  Partial<Pick<Provider<ProviderTypes>, "mendTurn">>;

interface OpenCall {
  /** The id in the conversation as it came. */
  readonly original: string;
  /** The id it is sent with. */
  readonly id: string;
  readonly name: string;
  /** True where its arguments were a structured answer. */
  readonly answer: boolean;
}

/**
 * A conversation as a provider takes it: without what no service takes back (`mendTurns`), ids of tool calls fit its
 * grammar and are unique, every call has its result (a synthetic one that says so, where there is none), results name the
 * call they answer. Turns of its own go back as they are. Throws `PromptError` for a result that answers no call, and
 * `UnsupportedError` for one that holds what the provider takes in no result.
 */
export function fitConversation<M extends object>(
  messages: readonly (Message | M)[],
  destination: Destination,
  note: Note = () => {},
): readonly (Message | M)[] {
  const mended = mendTurns(messages, destination, note);
  return mended.some(holdsTools) ? new Fitting<M>(destination, note).run(mended) : mended;
}

function holdsTools(message: object): boolean {
  const { content } = message as { content?: unknown };
  return Array.isArray(content) && content.some((part) => part?.type === "tool_call" || part?.type === "tool_result");
}

class Fitting<M extends object> {
  readonly #destination: Destination;
  readonly #ids: RegExp;
  readonly #note: Note;
  readonly #used = new Set<string>();
  readonly #fitted: (Message | M)[] = [];
  #open: OpenCall[] = [];
  /** True after a native message: its calls are not seen here, so results may answer them. */
  #native = false;

  constructor(destination: Destination, note: Note) {
    this.#destination = destination;
    this.#note = note;
    this.#ids = destination.toolIds ?? usualIds;
  }

  run(messages: readonly (Message | M)[]): readonly (Message | M)[] {
    for (const [index, message] of messages.entries()) {
      if (!isMessage(message)) {
        // A native message after the calls is their answer, in the provider's own form.
        this.#open = [];
        this.#native = true;
        this.#fitted.push(message);
      } else if (message.role === "tool") this.#results(message, index);
      else {
        this.#close();
        this.#fitted.push(message.role === "assistant" ? this.#turn(message) : message);
      }
    }
    this.#close();
    return this.#fitted;
  }

  #turn(message: Message): Message {
    this.#native = false;
    if (typeof message.content === "string") return message;
    const own = isOwn(message, this.#destination);
    const content = message.content.map((part): Part => {
      if (part.type !== "tool_call") return part;
      const id = own ? part.id : this.#fit(part);
      this.#used.add(id);
      this.#open.push({ original: part.id, id, name: part.name, answer: part.answer === true });
      return { ...part, id };
    });
    return own ? message : { ...message, content };
  }

  #results(message: Message, index: number): void {
    if (typeof message.content === "string") {
      throw new PromptError(`Message ${index} has the role tool: its content is a list of tool_result parts.`);
    }
    const content = message.content.map((part) => (part.type === "tool_result" ? this.#result(part, index) : part));
    this.#fitted.push({ ...message, content });
  }

  #result(given: ToolResultPart, index: number): ToolResultPart {
    const content = fitResult(given.content, this.#destination, this.#note);
    const part = content === given.content ? given : { ...given, content };
    // Some providers give no ids: their results are matched by name, in order.
    const at = this.#open.findIndex(
      ({ original, name }) => original === part.id && (part.id !== "" || name === part.name),
    );
    const call = this.#open[at];
    if (call === undefined && this.#native) return part;
    if (call === undefined) {
      throw new PromptError(
        `The tool result ${JSON.stringify(part.id)} in message ${index} answers no tool call before it.`,
      );
    }
    this.#open.splice(at, 1);
    return { ...part, id: call.id };
  }

  #close(): void {
    if (this.#open.length === 0) return;
    const content = this.#open.map(closing);
    this.#open = [];
    const last = this.#fitted.at(-1) as Message;
    // All results of one turn belong together.
    if (last.role === "tool")
      this.#fitted.splice(-1, 1, { ...last, content: [...(last.content as Part[]), ...content] });
    else this.#fitted.push({ role: "tool", content });
  }

  #fit({ id, name }: ToolCallPart): string {
    if (this.#ids.test(id) && (id === "" || !this.#used.has(id))) return id;
    for (let round = 0; ; round++) {
      const seed = `${id}\n${name}\n${this.#used.size}\n${round}`;
      const candidate = shortHash(seed);
      if (!this.#used.has(candidate)) return candidate;
    }
  }
}

function closing({ id, name, answer }: OpenCall): ToolResultPart {
  const result = { type: "tool_result", id, name } as const;
  if (answer) return { ...result, content: "The answer was taken." };
  return { ...result, content: "The tool was not run: there is no result.", isError: true };
}

// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv), twice: ids must differ, not be secret, and a hash of Node's own
// module would take longer to load than all of this library.
function shortHash(text: string): string {
  let first = 0x811c9dc5;
  let second = 0x01000193;
  for (let index = 0; index < text.length; index++) {
    first = Math.imul(first ^ text.charCodeAt(index), 0x01000193);
    second = Math.imul(second ^ first ^ index, 0x85ebca6b);
  }
  const digits = (value: number) => (value >>> 0).toString(36).padStart(7, "0");
  return (digits(first) + digits(second)).slice(-9);
}

/** The thoughts in a conversation as plain text of the turn, for a provider that could not read them otherwise. */
export function thinkingAsText(messages: readonly Message[]): Message[] {
  return messages.map((message) => {
    const { content } = message;
    if (typeof content === "string" || !content.some(({ type }) => type === "thinking")) return message;
    const parts = content.map((part): Part => {
      return part.type === "thinking" ? { type: "text", text: `<thinking>${part.text}</thinking>\n` } : part;
    });
    return { role: message.role, content: parts };
  });
}
