// Type tests: compiled, never run. Every line must type-check and every @ts-expect-error must be an error.

import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import type { Message as BedrockMessage } from "@aws-sdk/client-bedrock-runtime";
import type { Content as GeminiContent } from "@google/genai";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import type { MediaSource } from "../message/media.ts";
import type { Message, Part } from "../message/parts.ts";
import type { TemplateArgs, TemplateFunctionArgs, TemplateMessage, TemplateParameters } from "./template-types.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

type Items = readonly unknown[] | ReadonlySet<unknown>;

// --- plain variables, paths, literal braces --------------------------------------------------------------
// checklist: 6
assert<Equal<TemplateArgs<"Recommend a {genre} book">, { genre: unknown }>>();
assert<Equal<TemplateParameters<TemplateArgs<"Recommend a {genre} book">>, [args: { genre: unknown }]>>();
assert<
  Equal<TemplateArgs<"{a.b.c} {a.b.d} {a.e} {f}">, { a: { b: { c: unknown; d: unknown }; e: unknown }; f: unknown }>
>();
assert<Equal<TemplateArgs<"{self.genre}">, { self: { genre: unknown } }>>();
assert<Equal<TemplateArgs<"{{literal}} {x} {{{y}}} }}{z}{{">, { x: unknown; y: unknown; z: unknown }>>();
assert<Equal<TemplateArgs<"{x!r} {y!s:>10} {z:}">, { x: unknown; y: unknown; z: unknown }>>();
assert<Equal<TemplateArgs<"first\r\nline {x}">, { x: unknown }>>();

// --- formats and specifiers ------------------------------------------------------------------------------
assert<Equal<TemplateArgs<"{x:.2f}">, { x: number }>>();
assert<
  Equal<TemplateArgs<"{a:e} {b:g} {c:.1%} {d:n} {e:c}">, { a: number; b: number; c: number; d: number; e: number }>
>();
assert<Equal<TemplateArgs<"{a:d} {b:#x} {c:08b} {d:o}">, Record<"a" | "b" | "c" | "d", number | bigint>>>();
assert<Equal<TemplateArgs<"{a:>6} {b:s} {c:.3} {d:,}">, Record<"a" | "b" | "c" | "d", string | number>>>();
assert<Equal<TemplateArgs<"{x:list}">, { x: Items }>>();
assert<Equal<TemplateArgs<"{x:lists}">, { x: readonly Items[] | ReadonlySet<Items> }>>();
assert<Equal<TemplateArgs<"{x:text} {y:texts}">, { x: string; y: readonly string[] }>>();
assert<Equal<TemplateArgs<"{x:part} {y:parts}">, { x: Part; y: readonly Part[] }>>();
assert<Equal<TemplateArgs<"{x:image( detail = low )}">, { x: MediaSource | null | undefined }>>();
assert<
  Equal<TemplateArgs<"{x:audios} {y:document}">, { x: readonly MediaSource[]; y: MediaSource | null | undefined }>
>();
assert<
  Equal<TemplateArgs<"{o.photo:image} {o.tags:list}">, { o: { photo: MediaSource | null | undefined; tags: Items } }>
>();
assert<Equal<TemplateArgs<"{x} {:cache_control(ttl=1h)}">, { x: unknown }>>();

// --- a variable used twice must suit both uses -----------------------------------------------------------
assert<Equal<TemplateArgs<"{x} costs {x:.2f}">, { x: number }>>();
assert<Equal<TemplateArgs<"{x:>6} {x:.2f}">, { x: number }>>();
assert<Equal<TemplateArgs<"{a} {a.b}">, { a: { b: unknown } }>>();

// --- MESSAGES sections -----------------------------------------------------------------------------------
type History = readonly TemplateMessage[];
assert<Equal<TemplateArgs<"MESSAGES: {history}">, { history: History }>>();
assert<Equal<TemplateArgs<"SYSTEM: {a}\n  \tMESSAGES:\n  {h}\n  USER: {b}">, { a: unknown; h: History; b: unknown }>>();
assert<Equal<TemplateArgs<"MESSAGES: {a}\nMESSAGES: {b.c}">, { a: History; b: { c: History } }>>();
assert<Equal<TemplateArgs<"USER: read my MESSAGES: {x}">, { x: unknown }>>();
assert<Equal<TemplateArgs<"{a} MESSAGES: {b}">, { a: unknown; b: unknown }>>();
assert<Equal<TemplateArgs<"USER: MESSAGES: are listed\n MESSAGES: {b}">, { b: History }>>();
declare const histories: {
  neutral: Message[];
  fixed: readonly Message[];
  openai: ChatCompletionMessageParam[];
  anthropic: MessageParam[];
  gemini: GeminiContent[];
  bedrock: BedrockMessage[];
};
histories satisfies Record<string, History>;
[] satisfies History;
// @ts-expect-error a string is no message
["hi"] satisfies History;
// @ts-expect-error an object without a role is no message
[{ content: "hi" }] satisfies History;
// @ts-expect-error nothing is no history
undefined satisfies History;

// --- no variables, no literal ----------------------------------------------------------------------------
assert<Equal<TemplateArgs<"Recommend a book">, Record<string, never>>>();
assert<Equal<TemplateParameters<TemplateArgs<"Recommend a book">>, [args?: Record<string, never>]>>();
assert<Equal<TemplateArgs<string>, Record<string, unknown>>>();
assert<Equal<TemplateArgs<`Recommend ${string} {x}`>, Record<string, unknown>>>();
assert<Equal<TemplateArgs<"{a}" | "{b:text}">, { a: unknown; b: string }>>();
assert<Equal<TemplateArgs<"an open { brace">, Record<string, never>>>();

// --- templates with a function ---------------------------------------------------------------------------
type Computed = TemplateFunctionArgs<"{genre} by {authors:list}", { genre: string }, { authors: string[] }>;
assert<Equal<Computed, { genre: string }>>();
assert<Equal<TemplateFunctionArgs<"{a} {b:text} {c}", { a: number }, { c: 1 }>, { b: string; a: number }>>();
assert<Equal<TemplateFunctionArgs<"{a} {b:text}", unknown, { a: 1 }>, { b: string }>>();
assert<Equal<TemplateFunctionArgs<"{a}", { a: string; extra?: boolean }, unknown>, { a: string; extra?: boolean }>>();
assert<Equal<TemplateFunctionArgs<"no variable", { a: string }, unknown>, { a: string }>>();
assert<Equal<TemplateFunctionArgs<string, { a: string }, unknown>["a"], string>>();
// An argument the template cannot take is caught, not let through.
assert<Equal<TemplateFunctionArgs<"{price:.2f}", { price: string }, unknown>, { price: never }>>();

// --- use, as the contract has it -------------------------------------------------------------------------
declare function promptTemplate<const Text extends string>(
  text: Text,
): (...args: TemplateParameters<TemplateArgs<Text>>) => void;
const viaTemplate = promptTemplate("Recommend a {genre} book");
assert<Equal<Parameters<typeof viaTemplate>, [args: { genre: unknown }]>>();
const library = promptTemplate(`
  SYSTEM: You are a librarian of {library.name} in {library.city}.
  MESSAGES: {history}
  USER: Something like {titles:list}, cheaper than {price:.2f}, with a cover like {cover:image(detail=low)}.
`);
const alexandria = { name: "Alexandria", city: "Alexandria" };
library({ library: alexandria, history: [], titles: ["Dune"], price: 9.5, cover: "cover.png" });
library({ library: alexandria, history: [], titles: new Set(["Dune"]), price: 9.5, cover: undefined });
// @ts-expect-error a float specifier takes a number
library({ library: alexandria, history: [], titles: [], price: "9.5", cover: "cover.png" });
// @ts-expect-error `:list` takes no string
library({ library: alexandria, history: [], titles: "Dune", price: 9.5, cover: "cover.png" });
// @ts-expect-error the cover may be undefined, but must be named
library({ library: alexandria, history: [], titles: [], price: 9.5 });
// @ts-expect-error a variable is missing
viaTemplate({});
// @ts-expect-error a variable the template does not have
viaTemplate({ genre: "fantasy", gnere: "fantasy" });
promptTemplate("Recommend a book")();
promptTemplate("Recommend a book")({});
// @ts-expect-error the template has no variables
promptTemplate("Recommend a book")({ genre: "fantasy" });
