import type { Outgoing } from "../contract/layer.ts";
import type { DeepPartial } from "../json/deep-partial.ts";
import { isMatch, shown } from "./matching.ts";

/** What a matcher gives: the same for vitest and jest. */
export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

/** What was asked of a `fake` or a `tape`. */
export interface Asked {
  readonly requests: readonly Outgoing[];
}

/** A part of a request: a text or pattern in it, or some of what the SDK was handed. */
export type SentPart = string | RegExp | Readonly<Record<string, unknown>>;

/** What has tool calls: a response, a stream that has ended, or the result of a tool loop. */
export interface HasToolCalls {
  readonly toolCalls?: readonly { readonly name: string; readonly input: string | object }[] | undefined;
  readonly responses?: readonly HasToolCalls[] | undefined;
}

/** What has cost something: a response (then with all its attempts), a stream that has ended, a run of a loop or of rows. */
export interface HasCost {
  readonly cost: number | undefined;
  readonly total?: { readonly cost: number | undefined } | undefined;
}

type UseOf<T> = T extends { readonly tools?: readonly (infer Use)[] | undefined }
  ? Use
  : T extends { readonly responses: readonly (infer Response)[] }
    ? UseOf<Response>
    : never;

/** The names of the tools that a response can have called; any text where they are not known. */
export type ToolNameOf<T> = [UseOf<T>] extends [never]
  ? string
  : UseOf<T> extends { readonly name: infer Name extends string }
    ? Name
    : string;

/** Some of the arguments of one of these tools. */
export type ToolArgsOf<T, Name> = [UseOf<T>] extends [never]
  ? object
  : Extract<UseOf<T>, { readonly name: Name }> extends { readonly args: infer Args }
    ? DeepPartial<Args>
    : object;

/** The matchers by their names, with typed arguments: for `interface Matchers<R, T>` of vitest and of jest. */
export interface CallscopeMatchers<R, T> {
  /** A `fake` or `tape` was asked a request that holds this: a text, a pattern, or a part of the SDK's request. */
  toHaveSent(expected: SentPart): R;
  /** A response calls this tool; with some of its arguments, where they are given. */
  toHaveCalledTool<Name extends ToolNameOf<T>>(name: Name, args?: ToolArgsOf<T, NoInfer<Name>>): R;
  /** It cost no more than so many US dollars, attempts included; a cost that is not certain is never small enough. */
  toCostAtMost(usd: number): R;
}

/** For `expect.extend(matchers)` of vitest and jest. */
export const matchers = {
  toHaveSent(received: unknown, expected: SentPart): MatcherResult {
    const { requests } = received as Partial<Asked>;
    if (!Array.isArray(requests)) throw wrong("toHaveSent", "a fake() or a tape()", received);
    const sent = (requests as readonly Outgoing[]).map(({ prepared }) => prepared.request);
    const pass = sent.some((request) => holds(request, expected));
    const list = sent.map((request, index) => `  ${index + 1}. ${shown(request)}`).join("\n");
    const asked = sent.length === 0 ? "Nothing was sent." : `${sent.length} sent:\n${list}`;
    return result(pass, `a request with ${shown(expected)} to have been sent`, asked);
  },

  toHaveCalledTool(received: unknown, name: string, args?: object): MatcherResult {
    if (!isRecord(received) || !("toolCalls" in received || "responses" in received)) {
      throw wrong("toHaveCalledTool", "a response, an ended stream or the result of a tool loop", received);
    }
    const calls = callsOf(received as HasToolCalls);
    const pass = calls.some((call) => call.name === name && (args === undefined || isMatch(call.args, args)));
    const list = calls.map((call) => `  ${call.name}(${shown(call.args)})`).join("\n");
    const wanted = `the tool ${shown(name)} to have been called${args === undefined ? "" : ` with ${shown(args)}`}`;
    return result(pass, wanted, calls.length === 0 ? "No tool was called." : `Called were:\n${list}`);
  },

  toCostAtMost(this: { readonly isNot?: boolean } | undefined, received: unknown, usd: number): MatcherResult {
    if (!isRecord(received) || !("cost" in received)) {
      throw wrong("toCostAtMost", "a response, an ended stream or a run", received);
    }
    const { cost, total } = received as HasCost & object;
    const all = total === undefined ? cost : total.cost;
    if (all === undefined) {
      // Neither this nor its opposite can be said: it fails both ways.
      return {
        pass: this?.isNot === true,
        message: () => `Expected a cost of at most $${usd}, but no certain price is known.`,
      };
    }
    return result(all <= usd, `a cost of at most $${usd}`, `It cost $${all}.`);
  },
};

function result(pass: boolean, wanted: string, found: string): MatcherResult {
  return { pass, message: () => `Expected ${wanted}${pass ? ", and not so" : ""}.\n${found}` };
}

function wrong(matcher: string, wanted: string, received: unknown): TypeError {
  return new TypeError(`${matcher} is for ${wanted}; it was given ${shown(received)}.`);
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function holds(request: object, expected: SentPart): boolean {
  if (typeof expected === "string") return textsIn(request).some((text) => text.includes(expected));
  if (expected instanceof RegExp) return textsIn(request).some((text) => text.search(expected) >= 0);
  return isMatch(request, expected);
}

/** All texts of a request, wherever they stand. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return isRecord(value) && !ArrayBuffer.isView(value) ? Object.values(value).flatMap(textsIn) : [];
}

function callsOf({ toolCalls = [], responses = [] }: HasToolCalls): { name: string; args: unknown }[] {
  const own = toolCalls.map(({ name, input }) => ({ name, args: typeof input === "string" ? parsed(input) : input }));
  return [...responses.flatMap(callsOf), ...own];
}

function parsed(text: string): unknown {
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return text;
  }
}
