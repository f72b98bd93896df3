import { facts, titles } from "./describe-call.ts";
import { isRecord } from "./is-record.ts";
import type { Block, LockFile, Section } from "./lock-file.ts";
import { moneyText } from "./money-text.ts";
import { schemaChanges, short } from "./schema-diff.ts";
import { type DiffLine, diffLines } from "./text-diff.ts";

/** One difference between what is locked and what is. */
export interface Difference {
  readonly kind: "prompt" | "schema" | "tool" | "parameter" | "fact" | "estimate" | "sample";
  /** The sample it was found at; absent where it holds for all. */
  readonly sample?: string;
  /** A property of a schema, a parameter, a tool. */
  readonly place?: string;
  readonly message: string;
  /** What a prompt says now, line by line. */
  readonly lines?: readonly DiffLine[];
}

/** What a review wants to know, in the order in which it wants to know it. */
export function differences(before: LockFile, after: LockFile): Difference[] {
  const found: Difference[] = [];
  const old = new Map(before.sections.map((section) => [section.title, section]));
  const now = new Map(after.sections.map((section) => [section.title, section]));
  // The prompts first, then what holds for all of them.
  const [shared, ...sampled] = pairs(old, now);
  for (const [was, is] of [...sampled, ...(shared ? [shared] : [])]) {
    const sample = is.title === "" ? {} : { sample: is.title };
    if (was === undefined) {
      found.push({ kind: "sample", ...sample, message: "this sample is new" });
      continue;
    }
    if (was.title !== is.title) {
      found.push({ kind: "sample", ...sample, message: `the sample was ${was.title}` });
    }
    for (const one of sectionDifferences(was, is)) found.push({ ...sample, ...one });
  }
  const paired = new Set(pairs(old, now).map(([was]) => was?.title));
  for (const title of old.keys()) {
    if (!paired.has(title)) found.push({ kind: "sample", sample: title, message: "this sample is gone" });
  }
  return found;
}

type Sections = ReadonlyMap<string, Section>;

/** By title; of what is left, where it is one on both sides, those two: its arguments changed. */
function pairs(old: Sections, now: Sections): [Section | undefined, Section][] {
  const gone = [...old.values()].filter(({ title }) => !now.has(title));
  const added = [...now.values()].filter(({ title }) => !old.has(title));
  const only = gone.length === 1 && added.length === 1 ? gone[0] : undefined;
  return [...now.values()].map((section) => [old.get(section.title) ?? only, section]);
}

function sectionDifferences(was: Section, is: Section): Difference[] {
  return [
    ...promptDifferences(was, is),
    ...estimateDifferences(was, is),
    ...factDifferences(was, is),
    ...blockDifferences(was.blocks, is.blocks),
  ];
}

const isMessageBlock = ({ title }: Block) => /^\d+\. /.test(title);

function promptDifferences(was: Section, is: Section): Difference[] {
  const textOf = ({ blocks }: Section) =>
    blocks
      .filter(isMessageBlock)
      .map(({ title, text }) => `${title.replace(/^\d+\. /, "")}:\n${text}`)
      .join("\n");
  const [before, after] = [textOf(was), textOf(is)];
  if (before === after) return [];
  return [{ kind: "prompt", message: "the prompt says now", lines: diffLines(before, after) }];
}

function estimateDifferences(was: Section, is: Section): Difference[] {
  const found: Difference[] = [];
  const change = (key: string, unit: (value: number) => string, what: string) => {
    const [before, after] = [was.facts.get(key), is.facts.get(key)];
    if (before === after || before === undefined || after === undefined) return;
    const [from, to] = [numberIn(before), numberIn(after)];
    const message =
      from === undefined || to === undefined
        ? `${key}: ${before} -> ${after}`
        : `${to > from ? "+" : "-"}${unit(Math.abs(to - from))}${what} (${unit(from)} -> ${unit(to)})`;
    found.push({ kind: "estimate", place: key, message });
  };
  change(facts.tokens, (tokens) => `${tokens} tokens`, "");
  change(facts.least, (usd) => moneyText(usd), " a call");
  change(facts.most, (usd) => moneyText(usd), " a call at most");
  return found;
}

function numberIn(text: string): number | undefined {
  const digits = /^\$?(\d+(?:\.\d+)?)/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function factDifferences(was: Section, is: Section): Difference[] {
  const estimated: readonly string[] = Object.values(facts);
  const keys = new Set([...was.facts.keys(), ...is.facts.keys()]);
  return [...keys]
    .filter((key) => !estimated.includes(key) && was.facts.get(key) !== is.facts.get(key))
    .map((key) => {
      const [before, after] = [was.facts.get(key) ?? "nothing", is.facts.get(key) ?? "nothing"];
      return { kind: "fact", place: key, message: `${key}: ${before} -> ${after}` };
    });
}

function blockDifferences(was: readonly Block[], is: readonly Block[]): Difference[] {
  const find = (blocks: readonly Block[], title: string) => blocks.find((block) => block.title === title);
  const order = [...new Set([...is, ...was].filter((block) => !isMessageBlock(block)).map(({ title }) => title))];
  return order.flatMap((title) => {
    const [before, after] = [find(was, title), find(is, title)];
    if (before?.text === after?.text) return [];
    if (title === titles.parameters) return parameterDifferences(json(before), json(after));
    if (title === titles.schema) return schemaDifferences(before, after);
    if (title.startsWith(titles.tool)) return toolDifferences(title.slice(titles.tool.length), before, after);
    return [{ kind: "fact", place: title, message: title, lines: diffLines(before?.text ?? "", after?.text ?? "") }];
  });
}

function json(block: Block | undefined): unknown {
  try {
    return block === undefined ? undefined : JSON.parse(block.text);
  } catch {
    // A merge left something else: all of it is different then.
    return block?.text;
  }
}

function parameterDifferences(was: unknown, is: unknown): Difference[] {
  const [before, after] = [isRecord(was) ? was : {}, isRecord(is) ? is : {}];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => {
      const has = [before, after].map((params) => Object.hasOwn(params, key));
      const message = !has[0]
        ? `the parameter ${key} is new: ${short(after[key])}`
        : !has[1]
          ? `the parameter ${key} is gone; it was ${short(before[key])}`
          : `the parameter ${key}: ${short(before[key])} -> ${short(after[key])}`;
      return { kind: "parameter", place: key, message };
    });
}

function schemaDifferences(before: Block | undefined, after: Block | undefined): Difference[] {
  if (before === undefined) return [{ kind: "schema", message: "the answer has a schema now" }];
  if (after === undefined) return [{ kind: "schema", message: "the answer has no schema any more" }];
  return changesOf(json(before), json(after), "the answer").map((change) => ({ kind: "schema", ...change }));
}

function changesOf(before: unknown, after: unknown, whose: string): { place: string; message: string }[] {
  const changes = schemaChanges(before, after);
  if (changes.length === 0) return [{ place: "", message: `${whose}: its keys stand in another order` }];
  return changes.map(({ place, message }) => {
    return { place, message: place === "" ? `${whose}: ${message}` : `${whose}: "${place}" ${message}` };
  });
}

function toolDifferences(name: string, before: Block | undefined, after: Block | undefined): Difference[] {
  const whose = `the tool ${name}`;
  if (before === undefined) return [{ kind: "tool", place: name, message: `${whose} is new` }];
  if (after === undefined) return [{ kind: "tool", place: name, message: `${whose} is gone` }];
  const [was, is] = [json(before), json(after)];
  if (!isRecord(was) || !isRecord(is)) return [{ kind: "tool", place: name, message: `${whose} changed` }];
  const { parameters: old, ...rest } = was;
  const { parameters: now, ...others } = is;
  const about = schemaChanges(rest, others).map(({ message }) => ({ place: name, message: `${whose}: ${message}` }));
  const inside = JSON.stringify(old) === JSON.stringify(now) ? [] : changesOf(old, now, whose);
  return [
    ...about,
    ...inside.map(({ place, message }) => ({ place: place === "" ? name : `${name}.${place}`, message })),
  ].map((change) => ({ kind: "tool", ...change }));
}
