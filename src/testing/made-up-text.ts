import type { JsonSchema } from "../schema/json-schema.ts";
import { patternText } from "./pattern.ts";
import type { Random } from "./random.ts";

const words = "amber birch cedar delta ember fern grove harbor island juniper kestrel lagoon maple north orchard".split(
  " ",
);

/** Texts of each format that JSON Schema names. https://json-schema.org/draft/2020-12/json-schema-validation#name-defined-formats */
const formats: Readonly<Record<string, (random: Random) => string>> = {
  "date-time": (random) => `${dateOf(random)}T${timeOf(random)}Z`,
  date: dateOf,
  time: (random) => `${timeOf(random)}Z`,
  duration: (random) => `P${random.whole(1, 9)}D`,
  email: (random) => `${random.pick(words)}@example.com`,
  "idn-email": (random) => `${random.pick(words)}@example.com`,
  hostname: (random) => `${random.pick(words)}.example.com`,
  "idn-hostname": (random) => `${random.pick(words)}.example.com`,
  ipv4: (random) => `192.0.2.${random.whole(1, 254)}`,
  ipv6: (random) => `2001:db8::${random.whole(1, 9999)}`,
  uri: (random) => `https://example.com/${random.pick(words)}`,
  "uri-reference": (random) => `/${random.pick(words)}`,
  iri: (random) => `https://example.com/${random.pick(words)}`,
  uuid: uuidOf,
  regex: () => "^a+$",
  "json-pointer": (random) => `/${random.pick(words)}`,
};

/** A text that fits a schema's format, pattern and bounds. */
export function madeUpText(schema: JsonSchema, random: Random): string {
  const { format, pattern, minLength, maxLength } = schema as { [keyword: string]: unknown };
  const [least, most] = [typeof minLength === "number" ? minLength : 0, toLength(maxLength)];
  const known = typeof format === "string" && Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (known !== undefined) return known(random);
  if (typeof pattern === "string") return patternText(pattern, random, least, most);
  let text = `${random.pick(words)} ${random.pick(words)}`;
  while (text.length < least) text += ` ${random.pick(words)}`;
  return text
    .slice(0, Math.max(least, Math.min(text.length, most)))
    .trimEnd()
    .padEnd(least, "a");
}

function toLength(value: unknown): number {
  return typeof value === "number" ? value : Number.POSITIVE_INFINITY;
}

/** A sentence or two. */
export function madeUpProse(random: Random): string {
  const sentence = () => {
    const text = Array.from({ length: random.whole(4, 9) }, () => random.pick(words)).join(" ");
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  };
  return Array.from({ length: random.whole(1, 2) }, sentence).join(" ");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function dateOf(random: Random): string {
  return `20${two(random.whole(0, 29))}-${two(random.whole(1, 12))}-${two(random.whole(1, 28))}`;
}

function timeOf(random: Random): string {
  return `${two(random.whole(0, 23))}:${two(random.whole(0, 59))}:${two(random.whole(0, 59))}`;
}

function uuidOf(random: Random): string {
  const hex = (length: number) => Array.from({ length }, () => random.whole(0, 15).toString(16)).join("");
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${random.pick([..."89ab"])}${hex(3)}-${hex(12)}`;
}
