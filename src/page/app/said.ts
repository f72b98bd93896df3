import { make, marked } from "./dom.ts";

// What was said and given: prompts, answers, arguments, results.

const longest = 6000;

/** A part of what is said of a span. */
export function section(title: string, ...children: readonly (HTMLElement | undefined)[]): HTMLElement {
  return make("section", { class: "part" }, make("h3", {}, title), ...children);
}

/** A text as it was written; a long one in part, until all of it is asked for. */
export function textView(text: string, wanted: string, look = ""): HTMLElement {
  const box = make("pre", { class: `text ${look}` });
  const found = wanted === "" ? -1 : text.toLowerCase().indexOf(wanted.toLowerCase());
  if (text.length <= longest || found >= longest) {
    box.append(...marked(text, wanted));
    return box;
  }
  box.append(...marked(text.slice(0, longest), wanted));
  const more = make(
    "button",
    { type: "button", class: "more" },
    `… all ${text.length.toLocaleString("en-US")} characters`,
  );
  more.addEventListener("click", () => box.replaceChildren(...marked(text, wanted)));
  box.append(more);
  return box;
}

/** A value of JSON. */
export function jsonView(value: unknown, wanted: string): HTMLElement {
  return textView(JSON.stringify(value, null, 2) ?? "undefined", wanted, "json");
}

/** One message of a conversation. */
export function messageView(message: unknown, wanted: string, answer = false): HTMLElement {
  const { role, content } = (message ?? {}) as { readonly role?: unknown; readonly content?: unknown };
  const name = typeof role === "string" ? role : "message";
  const parts = Array.isArray(content) ? content.map((part) => partView(part, wanted)) : [textOrJson(content, wanted)];
  const known = ["system", "user", "assistant", "tool"].includes(name) ? name : "other";
  return make(
    "article",
    { class: `message ${known} ${answer ? "answer" : ""}` },
    make(
      "header",
      {},
      make("span", { class: "role" }, name),
      copyButton(() => plainText(content)),
    ),
    ...parts,
  );
}

function textOrJson(content: unknown, wanted: string): HTMLElement {
  if (content === undefined || content === "") return make("p", { class: "note" }, "Empty.");
  return typeof content === "string" ? textView(content, wanted) : jsonView(content, wanted);
}

function partView(part: unknown, wanted: string): HTMLElement {
  const { type, text, name, id, content, isError, base64Characters, mediaType, url, ...rest } = (part ??
    {}) as Readonly<Record<string, unknown>>;
  const titled = (title: string, look: string, ...children: readonly HTMLElement[]) =>
    make("div", { class: `block ${look}` }, make("div", { class: "block-title" }, title), ...children);
  if (type === "text" && typeof text === "string") return textView(text, wanted);
  if (type === "thinking") return titled("Thinking", "thinking", textView(String(text ?? ""), wanted));
  if (type === "tool_call") return titled(`Calls ${String(name)}`, "tool-call", argumentsView(rest.arguments, wanted));
  if (type === "tool_result") {
    const title = `${isError === true ? "Error of" : "Result of"} ${String(name)}`;
    return titled(title, isError === true ? "failed" : "tool-result", ...contentViews(content, wanted));
  }
  if (typeof base64Characters === "number") {
    return titled(`${String(type)}, ${String(mediaType ?? "bytes")}, ${sizeText(base64Characters * 0.75)}`, "media");
  }
  if (typeof url === "string") return titled(`${String(type)} at an address`, "media", textView(url, wanted));
  return titled(String(type ?? "part"), "media", jsonView(part, wanted));
}

function contentViews(content: unknown, wanted: string): HTMLElement[] {
  return Array.isArray(content) ? content.map((part) => partView(part, wanted)) : [argumentsView(content, wanted)];
}

function argumentsView(value: unknown, wanted: string): HTMLElement {
  if (typeof value !== "string") return jsonView(value, wanted);
  try {
    return jsonView(JSON.parse(value), wanted);
  } catch {
    return textView(value, wanted);
  }
}

function plainText(content: unknown): string {
  if (typeof content === "string") return content;
  const texts = Array.isArray(content)
    ? content.flatMap((part) => (typeof part?.text === "string" ? [part.text] : []))
    : [];
  return texts.length > 0 ? texts.join("\n") : JSON.stringify(content, null, 2);
}

function copyButton(text: () => string): HTMLElement {
  const button = make("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    const done = await navigator.clipboard.writeText(text()).then(
      () => "Copied",
      () => "Not allowed",
    );
    button.textContent = done;
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
  });
  return button;
}

function sizeText(bytes: number): string {
  return bytes < 1024
    ? `${Math.round(bytes)} bytes`
    : bytes < 1_048_576
      ? `${(bytes / 1024).toFixed(1)} kB`
      : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
