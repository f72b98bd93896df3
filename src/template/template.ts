import { PromptError } from "../errors/errors.ts";
import type { Message, Part, Role } from "../message/parts.ts";
import { indentOf, removeIndent } from "./dedent.ts";
import {
  type CacheField,
  type Field,
  type ListField,
  type PartField,
  parseField,
  type ValueField,
} from "./template-field.ts";
import { renderHistory, renderParts, renderText, type Values } from "./template-value.ts";
import { quote } from "./value-text.ts";

/** A piece of running text: written in the template, or made from a value. */
type Token = string | ValueField | ListField;

/** Running text, or what becomes content parts of its own. */
type Block = { readonly kind: "run"; readonly tokens: readonly Token[] } | PartField | CacheField;

/** One message of a template, or the place where `MESSAGES` puts the ones it is given. */
export type Section =
  | { readonly role: Role; readonly blocks: readonly Block[] }
  | { readonly role: "messages"; readonly history: ValueField };

/** A parsed template: plain data, made once and rendered any number of times. */
export interface Template {
  /** The text as it was written. */
  readonly text: string;
  readonly sections: readonly Section[];
}

const keywords = [
  ["SYSTEM:", "system"],
  ["USER:", "user"],
  ["ASSISTANT:", "assistant"],
  ["MESSAGES:", "messages"],
] as const;

interface Draft {
  readonly role: (typeof keywords)[number][1];
  /** The section's lines; the first one begins after the colon. */
  readonly lines: string[];
}

/**
 * Parses a string template, in time linear in its length. Throws `PromptError` for text before the first role keyword,
 * unbalanced braces, fields that are not understood, a `MESSAGES` section that is not one plain variable, a
 * `{:cache_control}` with nothing before it, and a template that has no message.
 */
export function parseTemplate(text: string): Template {
  const name = `the template ${quote(text.trim())}`;
  const sections: Section[] = [];
  for (const draft of split(text, name)) {
    const section = parseSection(draft, name);
    if (section !== undefined) sections.push(section);
  }
  if (sections.length === 0) throw new PromptError(`There is no message in ${name}.`);
  return { text, sections };
}

/**
 * The messages of a template for these variables. Values are inserted as they are and never read as template text, so
 * they cannot make a message, a section or a further substitution. Throws `PromptError` for a variable that is missing
 * or does not suit its specifier, and when no message is left.
 */
export function renderTemplate(template: Template, values: Values): Message[] {
  const messages: Message[] = [];
  for (const section of template.sections) {
    if (section.role === "messages") {
      for (const message of renderHistory(section.history, values)) messages.push(message);
      continue;
    }
    const content = renderContent(section.blocks, values);
    if (content !== undefined) messages.push({ role: section.role, content });
  }
  if (messages.length > 0) return messages;
  throw new PromptError(`No message came from the template ${quote(template.text.trim())} with these values.`);
}

// Cuts at the keywords. Only the template is cut: values come later and are never looked at.
function split(text: string, name: string): Draft[] {
  const lines = removeIndent(text.replaceAll("\r\n", "\n").split("\n"));
  const drafts: Draft[] = [];
  let draft: Draft = { role: "user", lines: [] };
  for (const line of lines) {
    const start = indentOf(line);
    const keyword = keywordAt(line, start);
    if (keyword === undefined) {
      draft.lines.push(line);
      continue;
    }
    if (drafts.length === 0) refuseLead(draft.lines, name);
    const [word, role] = keyword;
    draft = { role, lines: [line.slice(start + word.length)] };
    drafts.push(draft);
  }
  return drafts.length > 0 ? drafts : [draft];
}

function keywordAt(line: string, start: number): (typeof keywords)[number] | undefined {
  for (const keyword of keywords) if (line.startsWith(keyword[0], start)) return keyword;
  return undefined;
}

function refuseLead(lines: readonly string[], name: string): void {
  const lead = lines.join("\n").trim();
  if (lead === "") return;
  throw new PromptError(`${quote(lead)} stands before the first role keyword of ${name}; give it a role.`);
}

function parseSection({ role, lines }: Draft, name: string): Section | undefined {
  // A section that begins under its keyword is a block of its own and may be indented as one.
  const block = lines.length > 1 && lines[0]?.trim() === "" ? removeIndent(lines.slice(1)) : lines;
  const text = block.join("\n");
  if (text.trim() === "" && role !== "messages") return undefined;
  const fields = scan(text, name);
  if (role === "messages") return { role, history: toHistory(trimRun(fields), name) };
  const blocks = toBlocks(fields);
  const [opening] = blocks;
  if (opening?.kind === "cache_control") {
    throw new PromptError(`${opening.label} comes first in its message; it marks the part before it.`);
  }
  return { role, blocks };
}

function toHistory(fields: readonly (string | Field)[], name: string): ValueField {
  const [field, ...more] = fields;
  if (field === undefined || typeof field === "string" || more.length > 0) {
    throw new PromptError(
      `A MESSAGES section takes one variable, as in "MESSAGES: {history}", and nothing else: ${name}.`,
    );
  }
  if (field.kind !== "value" || field.conversion !== undefined || field.format !== undefined) {
    throw new PromptError(`${field.label} is in a MESSAGES section, where a variable takes no specifier.`);
  }
  return field;
}

// Written text and fields in turn. Two equal braces stand for one in the text; an odd one opens a field.
function scan(text: string, name: string): (string | Field)[] {
  const found: (string | Field)[] = [];
  let literal = "";
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const brace = text[at];
    if (brace !== "{" && brace !== "}") {
      at += 1;
      continue;
    }
    let end = at + 1;
    while (text[end] === brace) end += 1;
    literal += text.slice(from, at) + brace.repeat((end - at) >> 1);
    if ((end - at) % 2 === 1) {
      const body = fieldBody(text, end - 1, name);
      if (literal !== "") found.push(literal);
      literal = "";
      found.push(parseField(body, name));
      end += body.length + 1;
    }
    at = end;
    from = end;
  }
  literal += text.slice(from);
  if (literal !== "") found.push(literal);
  return found;
}

function fieldBody(text: string, open: number, name: string): string {
  const end = text[open] === "{" ? text.indexOf("}", open) : -1;
  const body = text.slice(open + 1, end);
  if (end > 0 && !body.includes("{")) return body;
  throw new PromptError(
    `Unbalanced brace at ${quote(text.slice(open, open + 30))} in ${name}; literal braces are written {{ and }}.`,
  );
}

function toBlocks(fields: readonly (string | Field)[]): Block[] {
  const blocks: Block[] = [];
  let run: Token[] = [];
  const close = () => {
    const tokens = trimRun(run);
    if (tokens.length > 0) blocks.push({ kind: "run", tokens });
    run = [];
  };
  for (const field of fields) {
    if (isToken(field)) {
      run.push(field);
      continue;
    }
    close();
    blocks.push(field);
  }
  close();
  return blocks;
}

function isToken(field: string | Field): field is Token {
  return typeof field === "string" || field.kind === "value" || field.kind === "list" || field.kind === "lists";
}

// Trims what the template has written, never what a value brings. No two texts follow each other.
function trimRun<One>(run: readonly (string | One)[]): (string | One)[] {
  const last = run.length - 1;
  return run
    .map((one, at) => {
      if (typeof one !== "string") return one;
      const text = at === 0 ? one.trimStart() : one;
      return at === last ? text.trimEnd() : text;
    })
    .filter((one) => one !== "");
}

function renderContent(blocks: readonly Block[], values: Values): Message["content"] | undefined {
  const [only] = blocks;
  if (blocks.length === 1 && only?.kind === "run") return renderRun(only.tokens, values);
  const parts: Part[] = [];
  for (const block of blocks) {
    if (block.kind === "run") {
      const text = renderRun(block.tokens, values);
      if (text !== "") parts.push({ type: "text", text });
    } else if (block.kind === "cache_control") {
      // With every part before it left out, there is nothing to mark.
      if (parts.length > 0) parts.push(block.part);
    } else {
      for (const part of renderParts(block, values)) parts.push(part);
    }
  }
  const [part] = parts;
  if (part === undefined) return undefined;
  return parts.length === 1 && part.type === "text" ? part.text : parts;
}

function renderRun(tokens: readonly Token[], values: Values): string {
  let text = "";
  for (const token of tokens) text += typeof token === "string" ? token : renderText(token, values);
  return text;
}
