import {
  type CallRequest,
  createCall,
  type Message,
  type Provider,
  type ProviderTypes,
  ResponseError,
  textResult,
  UnsupportedError,
} from "callscope";

// A provider of one's own, for a service that speaks like no other.

// #region types
/** A turn of a conversation, as the service takes it. */
export interface TinyTurn {
  by: "system" | "user" | "model" | "tool";
  text: string;
  calls?: TinyCall[];
  /** The call that this is the result of. */
  answers?: string;
}

export interface TinyCall {
  id: string;
  tool: string;
  input: string;
}

export interface TinyRequest {
  model: string;
  turns: TinyTurn[];
  stream: boolean;
  heat?: number;
  tools?: { name: string; about?: string; takes: object }[];
  /** The tool that must be called. */
  force?: string;
}

/** An answer; each event of a stream is a part of one, its text the next piece. */
export interface TinyAnswer {
  id: string;
  model: string;
  text: string;
  calls: TinyCall[];
  end: "done" | "limit" | "calls" | null;
  used: { read: number; wrote: number } | null;
}

export class TinyClient {
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }
}

export interface TinyTypes extends ProviderTypes {
  Client: TinyClient;
  Params: Pick<TinyRequest, "heat">;
  Request: TinyRequest;
  Message: TinyTurn;
  Response: TinyAnswer;
  Chunk: Partial<TinyAnswer>;
  FinishReason: NonNullable<TinyAnswer["end"]>;
  Usage: NonNullable<TinyAnswer["used"]>;
  ToolCall: TinyCall;
  AssistantMessage: TinyTurn;
  ToolMessage: TinyTurn;
}
// #endregion

// #region send
export class TinyError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function post(client: TinyClient, request: TinyRequest, signal: AbortSignal | undefined): Promise<Response> {
  const answer = await fetch(`${client.url}/answer`, {
    method: "POST",
    body: JSON.stringify(request),
    ...(signal && { signal }),
  });
  if (!answer.ok) throw new TinyError(answer.status, await answer.text());
  return answer;
}

/** The lines of an answer as they come, each the JSON of an event. */
async function* events(answer: Response): AsyncGenerator<Partial<TinyAnswer>> {
  let rest = "";
  for await (const text of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}
// #endregion

// #region params
function refused(feature: string, where: string): UnsupportedError {
  return new UnsupportedError("tiny", feature, `tiny takes no ${feature} in ${where}.`);
}

function toTurns(message: Message | TinyTurn): TinyTurn[] {
  if ("by" in message) return [message];
  // What it said itself goes back as it is.
  if (message.native?.provider === "tiny") return [message.native.message as TinyTurn];
  const { role, content } = message;
  const by = role === "assistant" ? "model" : role;
  if (typeof content === "string") return [{ by, text: content }];
  const turn: TinyTurn = { by, text: "" };
  const results: TinyTurn[] = [];
  for (const part of content) {
    if (part.type === "text") turn.text += part.text;
    else if (part.type === "tool_call") {
      turn.calls = [...(turn.calls ?? []), { id: part.id, tool: part.name, input: part.arguments }];
    } else if (part.type === "tool_result")
      results.push({ by: "tool", text: textResult(part.content, "tiny"), answers: part.id });
    // A thought of another model is nothing to this one.
    else if (part.type !== "thinking") throw refused(part.type, "a message");
  }
  return role === "tool" ? results : [turn];
}

function toRequest({
  model,
  messages,
  stream,
  tools,
  output,
  callParams,
  common,
}: CallRequest<TinyTypes>): TinyRequest {
  if (output !== undefined && output.mode !== "tool") throw refused(`jsonMode (${output.mode})`, "a request");
  const { temperature, ...others } = common ?? {};
  for (const name of Object.keys(others)) throw refused(name, "a request");
  const offered = output?.schema === undefined ? tools : [...tools, { ...output, schema: output.schema }];
  return {
    model,
    turns: messages.flatMap(toTurns),
    stream,
    ...(temperature !== undefined && { heat: temperature }),
    ...callParams,
    ...(offered.length > 0 && {
      tools: offered.map(({ name, description, schema }) => ({
        name,
        takes: schema,
        ...(description !== undefined && { about: description }),
      })),
    }),
    ...(output !== undefined && { force: output.name }),
  };
}
// #endregion

const stopReasons = { done: "stop", limit: "length", calls: "tool_calls" } as const;
const tokensOf = (used: TinyAnswer["used"]) => ({ input: used?.read, output: used?.wrote });

// #region provider
export const provider: Provider<TinyTypes> = {
  name: "tiny",

  client(given) {
    return given instanceof TinyClient ? given : new TinyClient(process.env.TINY_URL ?? "http://127.0.0.1:8080");
  },

  params(request) {
    const sent = toRequest(request);
    return { request: sent, messages: sent.turns };
  },

  async create(client, request, { signal }) {
    return (await (await post(client, request, signal)).json()) as TinyAnswer;
  },

  async stream(client, request, { signal }) {
    return events(await post(client, request, signal));
  },

  read(response) {
    const { id, model, text, calls, end, used } = response;
    if (typeof text !== "string") throw new ResponseError("tiny", "tiny gave no answer.", response);
    return {
      id,
      model,
      content: text,
      finishReasons: end === null ? undefined : [end],
      stopReason: end === null ? undefined : stopReasons[end],
      usage: used ?? undefined,
      tokens: tokensOf(used),
      toolCalls: calls.map((native) => ({ id: native.id, name: native.tool, input: native.input, native })),
    };
  },

  readChunk(chunk, draft) {
    const { text = "", calls = [], end, used } = chunk;
    const before = draft.response ?? { id: "", model: "", text: "", calls: [], end: null, used: null };
    draft.response = { ...before, ...chunk, text: before.text + text, calls: [...before.calls, ...calls] };
    for (const { id, tool, input } of calls) {
      draft.calls.push({ key: id, id, name: tool, input, delta: input, complete: true });
    }
    // Only the last event says how it ended.
    if (end) draft.done = true;
    return {
      content: text,
      ...(end && { finishReasons: [end] }),
      ...(used && { usage: used, tokens: tokensOf(used) }),
    };
  },

  messageParam({ text, calls }) {
    return { by: "model", text, ...(calls.length > 0 && { calls }) };
  },

  toolMessages(results) {
    return results.map(({ call, output }) => ({ by: "tool", text: textResult(output, "tiny"), answers: call.id }));
  },
};

export const call = createCall(provider);
// #endregion
