import { describe } from "../errors/describe.ts";
import { PromptError } from "../errors/errors.ts";
import { audio, document, image, type MediaSource } from "../message/media.ts";
import { isPart } from "../message/message.ts";
import type { Message, Part } from "../message/parts.ts";
import { formatValue } from "./format-spec.ts";
import type { ListField, PartField, ValueField } from "./template-field.ts";
import { quote, toJson, toText } from "./value-text.ts";

/** The variables of a template by name; only own properties are read. */
export type Values = Readonly<Record<string, unknown>>;

/** The text a field of the running text becomes. */
export function renderText(field: ValueField | ListField, values: Values): string {
  const value = lookUp(field, values);
  if (field.kind !== "value") return (field.kind === "list" ? joinItems : joinGroups)(value, field.label);
  const { conversion, format, label } = field;
  const converted = conversion === undefined ? value : conversion === "r" ? toJson(value, label) : toText(value, label);
  return format === undefined ? toText(converted, label) : formatValue(format, converted, label);
}

/** The content parts a part specifier becomes: none for a medium that is absent or an empty list. */
export function renderParts(field: PartField, values: Values): readonly Part[] {
  const value = lookUp(field, values);
  const { label } = field;
  switch (field.kind) {
    case "text":
      return [toTextPart(value, `${label} needs a string`)];
    case "texts":
      return toArray(value, label, "strings").map((item, index) =>
        toTextPart(item, `${label} needs strings; item ${index}`),
      );
    case "part":
      return [checkPart(value, `${label} needs a content part`)];
    case "parts":
      return toArray(value, label, "content parts").map((item, index) =>
        checkPart(item, `${label} needs content parts; item ${index}`),
      );
    case "image":
    case "audio":
    case "document":
      return toMedia(field, value);
    default:
      return toArray(value, label, "media").flatMap((item) => toMedia(field, item));
  }
}

/** The messages a `MESSAGES` section becomes: those of the array, by reference. Anything else is a `PromptError`. */
export function renderHistory(field: ValueField, values: Values): readonly Message[] {
  const { label } = field;
  const messages = toArray(lookUp(field, values), label, "messages");
  messages.forEach((message, index) => {
    const problem = messageProblem(message);
    if (problem !== undefined) throw new PromptError(`${label} needs messages; message ${index} ${problem}.`);
  });
  // A provider's own message passes for a neutral one here; `isMessage` tells them apart where it matters.
  return messages as readonly Message[];
}

// The template alone decides what the system says: a value, which may come from outside, never does.
function messageProblem(message: unknown): string | undefined {
  if (typeof message !== "object" || message === null || Array.isArray(message)) return `is ${describe(message)}`;
  const { role } = message as { role?: unknown };
  if (typeof role !== "string" || role === "") return "has no role";
  const plain = role.trim().toLowerCase();
  if (plain === "system" || plain === "developer") return `has the role ${plain}, which belongs in the template itself`;
  return Object.keys(message).length > 1 ? undefined : "has a role and nothing else";
}

function lookUp({ path, label }: ValueField | ListField | PartField, values: Values): unknown {
  let value: unknown = values;
  path.forEach((key, depth) => {
    const [found, next] = ownProperty(value, key, label);
    if (!found) {
      const where = depth === 0 ? "" : ` (${quote(path.slice(0, depth).join("."))} has no own property of that name)`;
      throw new PromptError(`Missing variable ${quote(path.slice(0, depth + 1).join("."))}${where}: ${label}.`);
    }
    value = next;
  });
  return value;
}

function ownProperty(owner: unknown, key: string, label: string): readonly [found: boolean, value: unknown] {
  if (owner === null || owner === undefined) return [false, undefined];
  try {
    if (!Object.hasOwn(owner, key)) return [false, undefined];
    return [true, (owner as Values)[key]];
  } catch (cause) {
    throw new PromptError(`${label}: reading ${quote(key)} threw an error.`, { cause });
  }
}

function isList(value: unknown): value is readonly unknown[] | ReadonlySet<unknown> {
  return Array.isArray(value) || value instanceof Set;
}

function joinItems(value: unknown, label: string): string {
  if (!isList(value)) throw new PromptError(`${label} needs an array or a set; it is ${describe(value)}.`);
  return [...value].map((item) => toText(item, label)).join("\n");
}

function joinGroups(value: unknown, label: string): string {
  if (!isList(value)) throw new PromptError(`${label} needs an array of arrays or sets; it is ${describe(value)}.`);
  const groups = [...value].map((group, index) => {
    if (isList(group)) return joinItems(group, label);
    throw new PromptError(`${label} needs an array of arrays or sets; item ${index} is ${describe(group)}.`);
  });
  return groups.join("\n\n");
}

function toArray(value: unknown, label: string, items: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new PromptError(`${label} needs an array of ${items}; it is ${describe(value)}.`);
}

function toTextPart(value: unknown, wanted: string): Part {
  if (typeof value === "string") return { type: "text", text: value };
  throw new PromptError(`${wanted}; it is ${describe(value)}.`);
}

function checkPart(value: unknown, wanted: string): Part {
  if (isPart(value)) return value;
  throw new PromptError(`${wanted}; it is ${describe(value)}.`);
}

function toMedia({ kind, detail, label }: PartField, source: unknown): readonly Part[] {
  if (source === undefined || source === null || source === "") return [];
  // The three functions check what they are given, whatever its type says.
  const medium = source as MediaSource;
  try {
    if (kind === "audio" || kind === "audios") return [audio(medium)];
    if (kind === "document" || kind === "documents") return [document(medium)];
    return [image(medium, detail === undefined ? {} : { detail })];
  } catch (cause) {
    throw new PromptError(`${label}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
