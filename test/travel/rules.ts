import type { Json } from "../support/replay.ts";
import { type Turn, turnsOf } from "./wire.ts";

// What each provider refuses with status 400, written out by hand. They are rules about the order of turns, ids and
// empty text, which no schema has and no recording of a success shows.

/** The rules of one provider. */
interface Rules {
  /** What an id of a call from elsewhere must be like. */
  readonly ids?: RegExp;
  /** Who may speak first, instructions aside. */
  readonly first?: Turn["role"];
  /** True where the roles of the messages must alternate, as they stand on the wire. */
  readonly alternates?: boolean;
  /** Which turn may follow which. */
  readonly order?: (before: Turn, after: Turn) => boolean;
  /** What text of an answer must have in it, if anything: a character, or one that is seen. */
  readonly speaks?: "something" | "visibly";
}

const google: Rules = {
  first: "user",
  // "Please ensure that function call turn comes immediately after a user turn or after a function response turn":
  // https://ai.google.dev/gemini-api/docs/function-calling
  order: (before, after) => !(before.role === "assistant" && after.calls.length > 0),
  // "must have one initialized field": https://ai.google.dev/api/caching#Part
  speaks: "something",
};

// https://platform.openai.com/docs/api-reference/chat/create: "string too long. Expected a string with maximum length 40".
const chat: Rules = { ids: /^.{1,40}$/ };

/** By name. */
export const rules: { readonly [name: string]: Rules } = {
  openai: chat,
  azure: chat,
  groq: chat,
  litellm: chat,
  // https://platform.openai.com/docs/api-reference/responses/create: 64 characters.
  "openai-responses": { ids: /^.{1,64}$/ },
  // https://platform.claude.com/docs/en/api/messages: "String should match pattern '^[a-zA-Z0-9_-]+$'", "first message
  // must use the user role", "text content blocks must contain non-whitespace text".
  anthropic: { ids: /^[a-zA-Z0-9_-]+$/, first: "user", speaks: "visibly" },
  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html and
  // …/API_runtime_ToolUseBlock.html: 64 characters; "A conversation must start with a user message"; roles alternate;
  // "The text field in the ContentBlock object is blank".
  bedrock: {
    ids: /^[a-zA-Z0-9_-]{1,64}$/,
    first: "user",
    alternates: true,
    speaks: "visibly",
  },
  gemini: google,
  vertex: google,
  // https://mistralai.github.io/mistral-common/usage/tools/#tool-calling-and-messages (error 3280), and 3230:
  // "Unexpected role 'user' after role 'tool'" (https://github.com/avante-corp/avante.nvim/issues/2562); "Assistant
  // message must have either content or tool_calls" (3240).
  mistral: {
    ids: /^[a-zA-Z0-9]{9}$/,
    order: (before, after) => !(before.role === "tool" && (after.role === "user" || after.role === "system")),
    speaks: "something",
  },
  // https://docs.cohere.com/reference/chat#request.body.messages
  cohere: { ids: /^.+$/, speaks: "something" },
  // No server stands behind it.
  local: {},
};

/** What the provider would refuse, a sentence each. `own` holds the ids it gave itself, which it takes as they are. */
export function broken(name: string, body: Json, own: ReadonlySet<string> = new Set()): string[] {
  const turns = turnsOf(name, body);
  const { ids = /(?:)/, first, alternates = false, order = () => true, speaks } = rules[name] ?? {};
  const said = turns.filter(({ role }) => role !== "system");
  const found: string[] = [...brokenCalls(turns)];
  const opening = said[0]?.role;
  if (first !== undefined && opening !== first) found.push(`The first turn is the ${opening}'s.`);
  for (const { id } of turns.flatMap(({ calls }) => calls)) {
    if (id !== "" && !own.has(id) && !ids.test(id)) found.push(`The id ${id} does not fit.`);
  }
  const roles = alternates ? (body.messages as Json[]).map(({ role }) => role) : [];
  if (roles.some((role, index) => role === roles[index - 1]))
    found.push(`The roles do not alternate: ${roles.join()}.`);
  // Only one provider minds where instructions stand.
  const ordered = name === "mistral" ? turns : said;
  for (const [index, turn] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before !== undefined && !order(before, turn))
      found.push(`A turn of ${turn.role} follows one of ${before.role}.`);
    const blank = turn.texts.some((text) => (speaks === "visibly" ? text.trim() : text) === "");
    const empty = turn.texts.length + turn.calls.length + turn.results.length === 0;
    if (speaks !== undefined && turn.role === "assistant" && (blank || empty))
      found.push("An answer has an empty text.");
  }
  return found;
}

/** Every provider: a call has one result, right after its turn; a result has one call; ids are unique. */
function brokenCalls(turns: readonly Turn[]): string[] {
  const found: string[] = [];
  const ids = turns.flatMap(({ calls }) => calls.map(({ id }) => id)).filter((id) => id !== "");
  if (new Set(ids).size < ids.length) found.push("Two calls have one id.");
  for (const [index, { role, calls }] of turns.entries()) {
    const next = turns[index + 1];
    const answered = next?.role === "tool" ? next.results.map(({ id }) => id) : [];
    const asked = calls.map(({ id }) => id);
    if (asked.toSorted().join() !== answered.toSorted().join() && (asked.length > 0 || answered.length > 0)) {
      found.push(`The calls ${asked.join()} of a turn of ${role} have the results ${answered.join()}.`);
    }
  }
  return found;
}
