import type { Content, Part as GooglePart } from "@google/genai";
import type { Note } from "../contract/changes.ts";
import { beginsWithAnswer, opening } from "../contract/conversation.ts";
import type { ToolResult } from "../contract/provider.ts";
import { unsupportedPart } from "../contract/unsupported-part.ts";
import { PromptError, UnsupportedError } from "../errors/errors.ts";
import { isMessage } from "../message/message.ts";
import type { Message, Part } from "../message/parts.ts";
import { toMediaPart } from "./gemini-media.ts";
import { named, toResult } from "./gemini-results.ts";
import type { GeminiSupport, GenAITypes } from "./gemini-types.ts";

// Google's generateContent, https://ai.google.dev/api/generate-content, which the Gemini API and Vertex AI share with one
// SDK. Pure functions to import; what sets the two services apart is said in a `GeminiSupport`.

/** Most calls have no id; then the API pairs calls and results by name and order. */
export const toolIds = /^[a-zA-Z0-9_-]{0,64}$/;

/** The services whose messages are one another's. */
const services: readonly string[] = ["gemini", "vertex"];

/** The messages as the API has them; system messages go into a field of their own, joined by a blank line. */
export function toContents(
  messages: readonly object[],
  support: GeminiSupport,
  model = "",
  note?: Note,
): { contents: Content[]; system: string | GooglePart[] | undefined } {
  const checks = mayCheckSignatures(model);
  const contents: Content[] = [];
  const system: string[][] = [];
  let results: GooglePart[] | undefined;
  /** The parts of a model's turn made here, for as long as it is the last one. */
  let answer: GooglePart[] | undefined;
  for (const [index, message] of messages.entries()) {
    const isNeutral = isMessage(message);
    if (isNeutral && message.role === "system") {
      system.push(systemTexts(message, support));
      continue;
    }
    if (isNeutral && message.role === "tool" && !isOwn(message)) {
      // Parallel calls want all their results in one turn: https://ai.google.dev/gemini-api/docs/function-calling
      const added = toolResults(message, support, note);
      answer = undefined;
      if (results === undefined) contents.push({ role: "user", parts: added });
      else results.push(...added);
      results ??= added;
      continue;
    }
    results = undefined;
    if (!isNeutral || isOwn(message)) {
      answer = undefined;
      contents.push(isNeutral ? (message.native?.message as Content) : checkNative(message, index, support));
      continue;
    }
    for (const content of toContent(message, support).map((one) => (checks ? signed(one) : one))) {
      // "A function call turn comes immediately after a user turn or after a function response turn", never after one
      // of the model's: https://ai.google.dev/gemini-api/docs/function-calling
      if (content.role === "model" && answer !== undefined) answer.push(...(content.parts ?? []));
      else contents.push(content);
      if (content.role === "user") answer = undefined;
      else answer ??= content.parts;
    }
  }
  // For the same reason none comes first.
  if (contents[0]?.role === "model" && beginsWithAnswer(messages))
    contents.unshift({ role: "user", parts: [{ text: opening }] });
  if (checks) signCurrent(contents, note);
  return { contents, system: joinSystem(system.filter((texts) => texts.length > 0)) };
}

/** One text, a blank line between the messages; parts where a message has several, so that no two become one word. */
function joinSystem(messages: readonly (readonly string[])[]): string | GooglePart[] | undefined {
  if (messages.length === 0) return undefined;
  if (messages.every((texts) => texts.length === 1)) return messages.join("\n\n");
  return messages.flatMap((texts, index) =>
    texts.map((text, at) => {
      const endsMessage = at === texts.length - 1 && index < messages.length - 1;
      return { text: endsMessage ? `${text}\n\n` : text };
    }),
  );
}

function isOwn({ native }: Message): boolean {
  return native !== undefined && services.includes(native.provider);
}

function checkNative(message: object, index: number, { provider }: GeminiSupport): Content {
  if (Array.isArray((message as Content).parts)) return message as Content;
  throw new PromptError(
    `Message ${index} is not a message of ${provider}: expected a Content, \`{ role, parts: [...] }\`, or a message of callscope's own.`,
  );
}

function systemTexts({ content }: Message, support: GeminiSupport): string[] {
  if (typeof content === "string") return content === "" ? [] : [content];
  return content.flatMap((part) => {
    if (part.type !== "text") throw unsupported(support, part.type, "a system message");
    return part.text === "" ? [] : [part.text];
  });
}

function toContent({ role, content }: Message, support: GeminiSupport): Content[] {
  const google = role === "assistant" ? "model" : "user";
  // An answer of another provider may be empty, and the API refuses a part without data.
  if (content === "" && role === "assistant") return [];
  if (typeof content === "string") return [{ role: google, parts: [{ text: content }] }];
  const parts = content.flatMap((part) =>
    role === "assistant" ? toAnswerPart(part, support) : [toPart(part, support)],
  );
  // A turn of nothing but another model's thoughts has nothing to send, and the API refuses one without parts.
  return parts.length > 0 || content.length === 0 ? [{ role: google, parts }] : [];
}

// Gemini 3 answers 400 to a step of the current turn whose first call has no signature, and takes this word for what
// another model called: https://ai.google.dev/gemini-api/docs/thought-signatures
const foreignSignature = "skip_thought_signature_validator";

// Aliases (`gemini-flash-latest`) and names of one's own (tuned models, endpoints) may stand for one; only these do not.
function mayCheckSignatures(model: string): boolean {
  return model !== "" && !/gemini-(?:[12](?:\D|$)|exp)|gemma/i.test(model);
}

/** With the placeholder on the first call, where that has no signature of its own. */
function signed(content: Content): Content {
  const { parts } = content;
  const first = parts?.find((part) => part.functionCall !== undefined);
  if (!parts || first === undefined || first.thoughtSignature) return content;
  return {
    ...content,
    parts: parts.map((part) => (part === first ? { ...part, thoughtSignature: foreignSignature } : part)),
  };
}

/** A step is checked in the current turn only: in all that follows what the user said last, results aside. */
function signCurrent(contents: Content[], note: Note | undefined): void {
  const said = contents.findLastIndex(({ role, parts }) => {
    return role !== "model" && parts?.some(({ functionResponse }) => functionResponse === undefined);
  });
  for (const [index, content] of contents.entries()) {
    if (index <= said || content.role !== "model") continue;
    contents[index] = signed(content);
    if (contents[index] !== content) note?.("Calls without a signature are given Google's placeholder for one");
  }
}

function toPart(part: Part, support: GeminiSupport): GooglePart {
  switch (part.type) {
    case "text":
      return { text: part.text };
    case "image":
    case "audio":
    case "document":
      return toMediaPart(part, support);
    default:
      throw unsupported(support, part.type, "a message");
  }
}

function toAnswerPart(part: Part, support: GeminiSupport): GooglePart[] {
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : [{ text: part.text }];
    case "tool_call":
      return [{ functionCall: { ...named(part), args: parseArguments(part, support) } }];
    case "thinking":
      // A thought belongs to the model that had it; Gemini's own come back in the native message, with their signatures.
      return [];
    default:
      throw unsupported(support, part.type, "an answer");
  }
}

function parseArguments(
  call: { readonly name: string; readonly arguments: string },
  { provider }: GeminiSupport,
): Record<string, unknown> {
  try {
    const args: unknown = call.arguments.trim() === "" ? {} : JSON.parse(call.arguments);
    if (typeof args === "object" && args !== null && !Array.isArray(args)) return args as Record<string, unknown>;
  } catch {}
  throw new UnsupportedError(
    provider,
    "tool_call arguments",
    `${provider} takes a tool call's arguments as a JSON object only; those of the call of "${call.name}" are not one.`,
  );
}

function toolResults({ content }: Message, support: GeminiSupport, note: Note | undefined): GooglePart[] {
  if (typeof content === "string") throw unsupported(support, "text", "a tool message");
  return content.map((part) => {
    if (part.type !== "tool_result") throw unsupported(support, part.type, "a tool message");
    return toResult(part, part.content, part.isError === true, support, note);
  });
}

function unsupported({ provider }: GeminiSupport, kind: string, where: string): UnsupportedError {
  const advice =
    kind === "cache_control" ? ". To cache a prompt, create a cache with the SDK and name it in `cachedContent`" : "";
  return unsupportedPart(provider, kind, where, `a user message takes text, image, audio, document${advice}`);
}

/** Tool results: all of one turn in one message. */
export function toGeminiToolMessages<P extends GenAITypes>(
  results: readonly ToolResult<P>[],
  support: GeminiSupport,
): Content[] {
  if (results.length === 0) return [];
  const parts = results.map(({ call, output, isError }) => toResult(call, output, isError, support));
  return [{ role: "user", parts }];
}
