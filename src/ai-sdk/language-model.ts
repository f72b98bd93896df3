import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  SharedV4Warning,
} from "@ai-sdk/provider";
import { bind } from "../call/call.ts";
import { type CallNode, type Combination, leavesOf, mapLeaves } from "../call/combination.ts";
import { definition } from "../call/types.ts";
import { combine } from "../combine/combine.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import type { Message, Part } from "../message/parts.ts";
import type { Definition } from "../prepare/prepare.ts";
import type { CallResponse } from "../read/response.ts";
import type { Stream } from "../read/stream.ts";
import { toContent, toFinish, toMetadata, toResponse, toUsage } from "./answer.ts";
import { type Asking, toAsking, withAsking } from "./asking.ts";
import { ownId } from "./call-id.ts";
import { toMessages } from "./from-prompt.ts";
import { NativeTurns } from "./native-turns.ts";
import { StreamParts } from "./stream-parts.ts";

type P = ProviderTypes;

/** A call whose prompt is given a conversation, and a fallback or hedge of such calls. */
export type ConversationCall = ((messages: readonly Message[]) => unknown) & { readonly [definition]: object };

/** The same before it has its prompt: `openai.call("gpt-5-mini")`. */
export type UnboundCall = (prompt: (messages: readonly Message[]) => readonly Message[]) => ConversationCall;

/** How a call is a model of the AI SDK. */
export interface LanguageModelOptions {
  /**
   * How many of the model's last answers are kept in memory in their native form, so that they go back byte for byte, with
   * thoughts and signatures. 256 by default; 0 for none.
   */
  readonly turns?: number | undefined;
}

/**
 * A call of ours as a language model of the AI SDK, for `generateText`, `streamText`, its structured outputs and agents. The
 * call's prompt is given the SDK's messages; a call without a prompt sends them as they are. Its client, parameters, layers
 * and scope are around every request; tools are the SDK's. Throws `ConfigError` for a call that has tools, a response model
 * or a parser of its own.
 */
export function languageModel(
  call: ConversationCall | UnboundCall,
  options: LanguageModelOptions = {},
): LanguageModelV4 {
  const unknown = unknownKey("languageModel() has no option", options, ["turns"]);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const node = nodeOf(call);
  return new CallModel(node, new NativeTurns(options.turns ?? 256));
}

const asTheyAre = (messages: readonly Message[]) => messages;

function nodeOf(call: unknown): CallNode<P> {
  const given = "a call whose prompt takes the messages, or one without a prompt: openai.call(model)";
  if (typeof call !== "function") {
    throw new ConfigError(`languageModel() takes ${given}; it was given ${describe(call)}.`);
  }
  const bound: unknown = definition in call ? call : (call as UnboundCall)(asTheyAre);
  const node = (bound as Partial<Record<typeof definition, CallNode<P>>> | null | undefined)?.[definition];
  if (node === undefined) throw new ConfigError(`languageModel() takes ${given}; it was given another function.`);
  for (const { tools, output, outputParser } of leavesOf(node)) {
    const own = tools.length > 0 ? "tools" : output !== undefined ? "a response model or JSON mode" : "a parser";
    if (tools.length === 0 && output === undefined && outputParser === undefined) continue;
    throw new ConfigError(`languageModel() takes a call without ${own}: that is the AI SDK's affair there.`);
  }
  return node;
}

class CallModel implements LanguageModelV4 {
  readonly specificationVersion = "v4";
  readonly provider: string;
  readonly modelId: string;
  /** None: the SDK reads addresses itself, so that every provider of ours is given bytes. */
  readonly supportedUrls: Record<string, RegExp[]> = {};
  readonly #node: CallNode<P>;
  readonly #turns: NativeTurns;

  constructor(node: CallNode<P>, turns: NativeTurns) {
    const [first] = leavesOf(node) as readonly [Definition<P>];
    this.provider = `callscope.${first.provider.name}`;
    this.modelId = first.model;
    this.#node = node;
    this.#turns = turns;
  }

  async doGenerate(options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    const { warnings, messages, asking } = this.#begin(options);
    const response = await ask<Promise<CallResponse<P>>>(this.#node, asking, false)(messages);
    const turn = crypto.randomUUID();
    const content = toContent(response, turn);
    this.#keep(turn, content, response);
    const { head } = response;
    return {
      content,
      finishReason: toFinish(response),
      usage: toUsage(response),
      providerMetadata: toMetadata(response),
      request: { body: response.callKwargs },
      response: {
        ...toResponse(response),
        ...(head?.headers && { headers: { ...head.headers } }),
        body: response.response,
      },
      warnings,
    };
  }

  async doStream(options: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    const { warnings, messages, asking } = this.#begin(options);
    const stream = ask<Stream<P>>(this.#node, asking, true)(messages);
    const steps = stream.chunks()[Symbol.asyncIterator]();
    // What fails before anything came is no stream: the SDK may try it again.
    const first = await steps.next();
    const turn = crypto.randomUUID();
    const parts = new StreamParts(turn, warnings, options.includeRawChunks === true);
    const keep = (response: CallResponse<P>) => this.#keep(turn, toContent(response, turn), response);
    return {
      stream: readable({ stream, steps, first, parts, keep }),
      request: { body: stream.plan?.prepared.request },
    };
  }

  #begin(options: LanguageModelV4CallOptions) {
    const warnings: SharedV4Warning[] = [];
    const warn = (warning: SharedV4Warning) => void warnings.push(warning);
    const messages = toMessages(options.prompt, (turn, content) => this.#turns.find(turn, content), warn);
    return { warnings, messages, asking: toAsking(options, warn) };
  }

  #keep(turn: string, content: LanguageModelV4GenerateResult["content"], { message }: CallResponse<P>): void {
    if (message.native === undefined) return;
    // As it will come back: the SDK sends an answer's parts in this form.
    const told = content.flatMap((part): Part[] => {
      if (part.type === "text") return [{ type: "text", text: part.text }];
      if (part.type === "reasoning") return [{ type: "thinking", text: part.text }];
      if (part.type !== "tool-call") return [];
      const { toolCallId, toolName, input } = part;
      return [{ type: "tool_call", id: ownId(toolCallId), name: toolName, arguments: input }];
    });
    this.#turns.keep(turn, message.native, told);
  }
}

/** The call with what the SDK asks for, whole or streamed. */
function ask<Result>(node: CallNode<P>, asking: Asking, stream: boolean): (messages: readonly Message[]) => Result {
  const changed = mapLeaves(node, (leaf) => withAsking(leaf, asking, stream));
  const bound: unknown = "legs" in changed ? combine<unknown>(changed as Combination<P>) : bind<P>(changed);
  // A call without a schema or parser gives its response, streamed its stream.
  return bound as (messages: readonly Message[]) => Result;
}

interface Reading {
  readonly stream: Stream<P>;
  readonly steps: ReturnType<ReturnType<Stream<P>["chunks"]>[typeof Symbol.asyncIterator]>;
  readonly first: Awaited<ReturnType<Reading["steps"]["next"]>>;
  readonly parts: StreamParts;
  keep(response: CallResponse<P>): void;
}

/** The stream as the SDK reads it. Leaving it closes the connection. */
function readable({ stream, steps, first, parts, keep }: Reading): ReadableStream<LanguageModelV4StreamPart> {
  let begun: Reading["first"] | undefined = first;
  /** Reads one step; true where it was the last. */
  const step = async (): Promise<boolean> => {
    try {
      const { done, value } = begun ?? (await steps.next());
      begun = undefined;
      if (!done) {
        parts.add(value[0], stream.draft.calls);
        return false;
      }
      const response = stream.constructCallResponse();
      keep(response);
      parts.finish(response);
    } catch (error) {
      parts.fail(error, stream.partialResponse);
    }
    return true;
  };
  return new ReadableStream<LanguageModelV4StreamPart>({
    async pull(controller) {
      let ended = false;
      let told: readonly LanguageModelV4StreamPart[] = [];
      // A pull that gives nothing is not followed by another.
      while (!ended && told.length === 0) {
        ended = await step();
        told = parts.take();
      }
      for (const part of told) controller.enqueue(part);
      if (ended) controller.close();
    },
    cancel: () => stream.leave(),
  });
}
