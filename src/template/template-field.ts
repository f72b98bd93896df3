import { PromptError } from "../errors/errors.ts";
import type { CachePart, ImageDetail } from "../message/parts.ts";
import { type FormatSpec, parseFormatSpec } from "./format-spec.ts";
import { quote } from "./value-text.ts";

interface Named {
  /** The names from the argument object down: `{a.b}` is `["a", "b"]`. */
  readonly path: readonly string[];
  /** The field and its template in words, for errors. */
  readonly label: string;
}

/** `{x}`, `{x!r}` or `{x:>8}`: a value in the running text. */
export interface ValueField extends Named {
  readonly kind: "value";
  /** `r` writes the value as JSON, `s` as its text, both before formatting. */
  readonly conversion: "r" | "s" | undefined;
  readonly format: FormatSpec | undefined;
}

/** `{x:list}` or `{x:lists}`: several values in the running text. */
export interface ListField extends Named {
  readonly kind: "list" | "lists";
}

/** `{x:text}`, `{x:image}` and so on: one or more content parts of their own. */
export interface PartField extends Named {
  readonly kind: PartKind;
  readonly detail: ImageDetail | undefined;
}

/** `{:cache_control}`: marks the part before it. */
export interface CacheField {
  readonly kind: "cache_control";
  readonly part: CachePart;
  readonly label: string;
}

/** What may stand between two braces of a template. */
export type Field = ValueField | ListField | PartField | CacheField;

type PartKind = (typeof partKinds)[number];

const partKinds = [
  "text",
  "texts",
  "part",
  "parts",
  "image",
  "images",
  "audio",
  "audios",
  "document",
  "documents",
] as const;

type Options = Readonly<Record<string, readonly string[]>>;

const optionsOf: ReadonlyMap<string, Options> = new Map<string, Options>([
  ["list", {}],
  ["lists", {}],
  ...partKinds.map((kind): [string, Options] => [kind, {}]),
  ["image", { detail: ["auto", "low", "high"] }],
  ["images", { detail: ["auto", "low", "high"] }],
  ["cache_control", { type: ["ephemeral"], ttl: ["5m", "1h"] }],
]);

/**
 * Parses what stands between two braces. `template` names the template in errors: every field that is not understood
 * is a `PromptError`.
 */
export function parseField(body: string, template: string): Field {
  const label = `${quote(`{${body}}`)} in ${template}`;
  const colon = body.indexOf(":");
  const variable = colon < 0 ? body : body.slice(0, colon);
  const specifier = colon < 0 ? "" : body.slice(colon + 1);
  const bang = variable.indexOf("!");
  const name = bang < 0 ? variable : variable.slice(0, bang);
  const conversion = bang < 0 ? undefined : toConversion(variable.slice(bang + 1), label);
  const open = specifier.indexOf("(");
  const kind = open < 0 ? specifier : specifier.slice(0, open);
  const known = optionsOf.get(kind);
  if (known === undefined) {
    const format = toFormat(specifier, label);
    const numeric = format?.type !== undefined && format.type !== "s";
    if (conversion !== undefined && numeric)
      throw new PromptError(`${label} formats the text of \`!${conversion}\` as a number.`);
    return { kind: "value", path: toPath(name, label), label, conversion, format };
  }
  if (conversion !== undefined) throw new PromptError(`${label}: a conversion does not go with \`:${kind}\`.`);
  const options = open < 0 ? new Map<string, string>() : parseOptions(kind, specifier.slice(open), known, label);
  if (kind === "cache_control") return { kind, part: toCachePart(name, options, label), label };
  const path = toPath(name, label);
  if (kind === "list" || kind === "lists") return { kind, path, label };
  return { kind: kind as PartKind, path, label, detail: options.get("detail") as ImageDetail | undefined };
}

function toConversion(text: string, label: string): "r" | "s" {
  if (text === "r" || text === "s") return text;
  throw new PromptError(
    `${label}: unknown conversion ${quote(`!${text}`)}; there are \`!r\` (JSON) and \`!s\` (text).`,
  );
}

function toFormat(specifier: string, label: string): FormatSpec | undefined {
  if (specifier === "") return undefined;
  const format = parseFormatSpec(specifier, label);
  if (format !== undefined) return format;
  throw new PromptError(
    `${label}: unknown specifier ${quote(`:${specifier}`)}; there are ${[...optionsOf.keys()].join(", ")}, and formats such as \`.2f\`.`,
  );
}

const identifier = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

function toPath(name: string, label: string): readonly string[] {
  if (name === "") throw new PromptError(`${label} does not name a variable; literal braces are written {{ and }}.`);
  if (/^\d/.test(name)) throw new PromptError(`${label} is positional; the variables of a template have names.`);
  const path = name.split(".");
  for (const key of path) {
    if (identifier.test(key)) continue;
    throw new PromptError(
      key.includes("[")
        ? `${label}: a template reads properties, such as {a.b}, not indexes; compute the value beforehand.`
        : `${label}: ${quote(name)} is not a variable name; literal braces are written {{ and }}.`,
    );
  }
  return path;
}

function parseOptions(kind: string, text: string, known: Options, label: string): Map<string, string> {
  if (!text.endsWith(")")) throw new PromptError(`${label}: the options of \`:${kind}\` must end with a parenthesis.`);
  const options = new Map<string, string>();
  for (const option of text.slice(1, -1).split(",")) {
    const [key = "", value, ...more] = option.split("=").map((side) => side.trim());
    if (value === undefined || more.length > 0) {
      throw new PromptError(`${label}: the option ${quote(option.trim())} of \`:${kind}\` must be \`key=value\`.`);
    }
    const allowed = Object.hasOwn(known, key) ? known[key] : undefined;
    if (allowed === undefined || options.has(key)) {
      const names = Object.keys(known).join(", ") || "none";
      const problem = allowed === undefined ? "has no option" : "is given twice the option";
      throw new PromptError(`${label}: \`:${kind}\` ${problem} ${quote(key)}; its options: ${names}.`);
    }
    if (!allowed.includes(value)) {
      throw new PromptError(`${label}: ${quote(value)} is no ${key} of \`:${kind}\`; it may be ${allowed.join(", ")}.`);
    }
    options.set(key, value);
  }
  return options;
}

function toCachePart(name: string, options: ReadonlyMap<string, string>, label: string): CachePart {
  if (name !== "") throw new PromptError(`${label}: \`:cache_control\` takes no variable; write {:cache_control}.`);
  const ttl = options.get("ttl") as CachePart["ttl"];
  return { type: "cache_control", cacheType: "ephemeral", ...(ttl !== undefined && { ttl }) };
}
