import type { SpanDetail } from "../protocol.ts";
import { make } from "./dom.ts";
import { durationText, moneyText, numberText, wholeTimeText } from "./format.ts";
import { jsonView, messageView, section, textView } from "./said.ts";

type Line = Readonly<Record<string, unknown>>;

// Of a long conversation the last turns are what is new in this request.
const turnsShown = 4;

/** What the lines of a span say, to be read. */
export function spanView(detail: SpanDetail, wanted: string): HTMLElement[] {
  const { start, end, kind } = detail;
  const views = { request: requestView, tool: toolView, call: callView, run: callView };
  return [...errorView(end, wanted), ...views[kind](start, end, wanted), rawView(detail)];
}

function requestView(start: Line, end: Line | undefined, wanted: string): HTMLElement[] {
  const messages = Array.isArray(start.messages) ? start.messages : [];
  const answer = end?.message === undefined ? undefined : messageView(end.message, wanted, true);
  const left =
    end?.left === true
      ? make("p", { class: "note" }, "The stream was left before its end: what it would have cost is not known.")
      : undefined;
  return [
    section("Prompt", conversation(messages, wanted)),
    section("Answer", answer ?? make("p", { class: "note" }, end === undefined ? "Not there yet." : "None."), left),
    section("Figures", factsOf(start, end)),
  ];
}

function conversation(messages: readonly unknown[], wanted: string): HTMLElement {
  const views = messages.map((message) => messageView(message, wanted));
  const before = views.length > turnsShown + 2 ? views.splice(0, views.length - turnsShown) : [];
  const box = make("div", { class: "conversation" });
  if (before.length > 0) {
    box.append(
      make("details", { class: "earlier" }, make("summary", {}, `${before.length} earlier messages`), ...before),
    );
  }
  box.append(...views);
  return box;
}

function toolView(start: Line, end: Line | undefined, wanted: string): HTMLElement[] {
  const { description } = start;
  return [
    ...(typeof description === "string" ? [make("p", { class: "note" }, description)] : []),
    section("Input", valueView(start.input, wanted)),
    section(
      "Output",
      end === undefined ? make("p", { class: "note" }, "Not there yet.") : valueView(end.output, wanted),
    ),
    section("Figures", factsOf(start, end)),
  ];
}

function callView(start: Line, end: Line | undefined, wanted: string): HTMLElement[] {
  return [section("Arguments", valueView(start.args, wanted)), section("Figures", factsOf(start, end))];
}

/** A text as it is; what is JSON, also within a text, with its lines indented. */
function valueView(value: unknown, wanted: string): HTMLElement {
  if (value === undefined) return make("p", { class: "note" }, "None.");
  if (typeof value !== "string") return jsonView(value, wanted);
  try {
    const inside: unknown = JSON.parse(value);
    if (typeof inside === "object" && inside !== null) return jsonView(inside, wanted);
  } catch {
    // A text like others.
  }
  return textView(value, wanted);
}

function errorView(end: Line | undefined, wanted: string): HTMLElement[] {
  const { name, kind, status, message } = (end?.error ?? {}) as Line;
  if (end?.error === undefined) return [];
  const title = [name, kind, status].filter((part) => part !== undefined && part !== "unknown").join(" · ");
  return [
    make(
      "div",
      { class: "error-box", role: "note" },
      make("strong", {}, title),
      textView(typeof message === "string" ? message : "", wanted),
    ),
  ];
}

const figures: readonly (readonly [name: string, title: string, text: (value: never) => string])[] = [
  ["provider", "Provider", String],
  ["model", "Model", String],
  ["purpose", "Purpose", String],
  ["attempt", "Attempt", String],
  ["stream", "Streamed", (value: boolean) => (value ? "yes" : "no")],
  ["at", "Began", (value: string) => wholeTimeText(Date.parse(value))],
  ["ms", "Time", durationText],
  ["firstMs", "First event after", durationText],
  ["status", "Ended", String],
  ["requests", "Requests", String],
  ["stopReason", "Stopped", String],
  ["inputTokens", "Tokens read", numberText],
  ["outputTokens", "Tokens written", numberText],
  ["cost", "Cost", (value: number) => `${moneyText(value)} ($${value})`],
  ["cached", "From a cache", () => "yes"],
  ["leg", "Leg", String],
  ["response", "Answer's id", String],
  ["requestId", "Request's id", String],
];

function factsOf(start: Line, end: Line | undefined): HTMLElement {
  const list = make("dl", { class: "figures" });
  const put = (title: string, value: Node | string) => list.append(make("dt", {}, title), make("dd", {}, value));
  for (const [name, title, text] of figures) {
    // What was asked for is the model; what answered stands beside it where it has another name.
    const value = start[name] ?? end?.[name];
    if (value === undefined || value === null) continue;
    // Each text is of the kind that the trace's lines have under the name.
    put(title, text(value as never));
    if (name === "model" && end?.model !== undefined && end.model !== value) put("Answered by", String(end.model));
  }
  for (const [name, title] of [
    ["tools", "Tools offered"],
    ["settings", "Settings"],
    ["tokens", "Tokens"],
    ["metadata", "Metadata"],
  ] as const) {
    const value = start[name] ?? end?.[name];
    if (typeof value !== "object" || value === null || Object.keys(value).length === 0) continue;
    put(
      title,
      Array.isArray(value)
        ? value.join(", ")
        : JSON.stringify(value).slice(1, -1).replaceAll(",", ", ").replaceAll('"', ""),
    );
  }
  return list;
}

function rawView({ start, end }: SpanDetail): HTMLElement {
  const box = make("details", { class: "raw" }, make("summary", {}, "The lines of the trace"));
  box.addEventListener("toggle", () => {
    if (box.open && box.childElementCount === 1)
      box.append(jsonView(start, ""), ...(end === undefined ? [] : [jsonView(end, "")]));
  });
  return box;
}
