import { type RecordedProvider, type RecordedResponse, type Recording, recordings } from "./recordings.ts";
import type { Json } from "./replay.ts";
import type { Answer } from "./server.ts";

// What a provider answers to the examples: one recorded text to everything, and a recorded refusal to a model that does
// not exist.

/** The model the examples of errors ask for. */
export const missingModel = "no-such-model";

/** One provider's answers. */
export interface ExampleAnswers {
  /** The text of the plain answer, read from the recorded bytes. */
  readonly text: string;
  answer(request: Answer): void;
}

/** Chooses the answers among the recordings of a provider, by their tags. Throws where none fits. */
export function answersOf(provider: RecordedProvider): ExampleAnswers {
  // The fewest tags: nothing but text went in and came out.
  const [simplest] = recordings(provider, isPlain).toSorted((a, b) => a.scenario.length - b.scenario.length);
  const plain = simplest?.exchanges[0]?.response;
  if (plain === undefined) throw new Error(`No recording of ${provider} is one plain text.`);
  const refused = recordings(provider, isRefusal).flatMap(({ exchanges }) => exchanges.map(({ response }) => response));
  const refusal = refused.find(({ status }) => status === 404) ?? refused[0] ?? handWritten[provider];
  if (refusal === undefined) throw new Error(`No recording of ${provider} is one refused request.`);
  return {
    text: textOf(bodyOf(plain)),
    answer(request) {
      const { path, text } = request.request;
      send(request, `${path} ${text}`.includes(missingModel) ? refusal : plain);
    },
  };
}

const other = [
  "tools",
  "tool-call",
  "json_schema",
  "json_object",
  "length",
  "v1",
  "responses-api",
  "refusal",
  "thinking",
];

function isPlain({ exchanges: [first, ...more], scenario }: Recording): boolean {
  if (first === undefined || more.length > 0 || !("body" in first.response) || first.response.status !== 200)
    return false;
  if (!scenario.includes("plain") || other.some((tag) => scenario.includes(tag))) return false;
  return textOf(first.response.body as Json).trim() !== "";
}

function isRefusal({ exchanges: [first, ...more] }: Recording): boolean {
  if (first === undefined || more.length > 0) return false;
  // A 401 could come from anything; these say that the request itself is wrong.
  return first.response.status === 400 || first.response.status === 404;
}

// Written by hand: of these two no recording is an error. The bodies are those their documentation gives.
const handWritten: { readonly [Provider in RecordedProvider]?: RecordedResponse } = {
  mistral: {
    status: 400,
    headers: { "content-type": "application/json" },
    body: {
      object: "error",
      message: "Invalid model: no-such-model",
      type: "invalid_model",
      param: null,
      code: "1500",
    },
  },
  litellm: {
    status: 400,
    headers: { "content-type": "application/json" },
    body: { error: { message: "Invalid model name passed in", type: "None", param: "None", code: "400" } },
  },
};

function bodyOf(response: RecordedResponse): Json {
  return "body" in response ? (response.body as Json) : {};
}

/** The text of an answer in whichever of the five wires it came. */
function textOf(body: Json): string {
  const { choices, candidates, content, message, output } = body as {
    choices?: { message?: { content?: unknown } }[];
    candidates?: { content?: { parts?: unknown } }[];
    content?: unknown;
    message?: { content?: unknown };
    output?: { message?: { content?: unknown } };
  };
  const found =
    choices?.[0]?.message?.content ??
    candidates?.[0]?.content?.parts ??
    message?.content ??
    output?.message?.content ??
    content;
  if (typeof found === "string") return found;
  return Array.isArray(found) ? found.map(({ text }) => (typeof text === "string" ? text : "")).join("") : "";
}

function send(request: Answer, response: RecordedResponse): void {
  const bytes =
    "body" in response
      ? JSON.stringify(response.body)
      : "text" in response
        ? response.text
        : Buffer.from(response.base64, "base64");
  request.send(response.status, response.headers, bytes);
}
