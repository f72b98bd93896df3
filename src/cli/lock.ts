import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { toAnnotation } from "./annotation.ts";
import type { OptionValues } from "./command.ts";
import { describeCall } from "./describe-call.ts";
import { differences } from "./lock-diff.ts";
import { isLockFile, parseMarkdown, toMarkdown } from "./lock-file.ts";
import { changeText, type Locked, lockText } from "./lock-text.ts";
import { checkForms } from "./misuse.ts";
import { offline } from "./offline.ts";
import { findSamples, type Sample } from "./samples.ts";
import { say } from "./say.ts";
import { sourceLine } from "./source-line.ts";

/** Writes the files, or compares with them. */
export async function run(values: OptionValues, named: readonly string[]): Promise<boolean> {
  checkForms(values);
  const check = values.check === true;
  const locked = await offline(() => lock(values, named, check));
  if (values.json) say(`${JSON.stringify({ check, files: locked }, null, 2)}\n`);
  else if (values.github) for (const one of locked) say(annotationOf(one, check));
  else say(lockText(locked, check));
  return check && locked.some(({ status }) => status !== "same");
}

async function lock(values: OptionValues, named: readonly string[], check: boolean): Promise<Locked[]> {
  const { config, samples, isAll } = await findSamples(named, values.config as string | undefined);
  const home = config.prompts === undefined || config.file === undefined ? "." : dirname(config.file);
  const folder = (values.out as string | undefined) ?? join(home, config.prompts ?? "prompts");
  const locked: Locked[] = [];
  for (const [name, of] of Map.groupBy(samples, (sample) => sample.name)) {
    locked.push(await lockCall(join(folder, `${name}.md`), name, of, check));
  }
  if (!isAll) return locked;
  const kept = new Set(locked.map(({ file }) => resolve(file)));
  for (const file of globSync(join(folder, "*.md")).sort()) {
    const text = readFileSync(file, "utf8");
    if (kept.has(resolve(file)) || !isLockFile(text)) continue;
    if (!check) rmSync(file);
    locked.push({ file, call: parseMarkdown(text).name, source: file, line: 1, status: "gone", differences: [] });
  }
  return locked;
}

async function lockCall(file: string, name: string, samples: readonly Sample[], check: boolean): Promise<Locked> {
  const text = toMarkdown(await describeCall(name, samples));
  const before = existsSync(file) ? readFileSync(file, "utf8").replaceAll("\r\n", "\n") : undefined;
  // What was read back is compared with what will be.
  const found = before === undefined ? [] : differences(parseMarkdown(before), parseMarkdown(text));
  const status = before === undefined ? "new" : before === text ? "same" : "changed";
  if (!check && status !== "same") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const [sample] = samples;
  const source = sample?.file ?? file;
  return { file, call: name, source, line: sourceLine(source, sample?.exported ?? ""), status, differences: found };
}

function annotationOf(locked: Locked, check: boolean): string {
  const { call, source, line, status } = locked;
  if (status === "same") return "";
  const [title = "", ...lines] = changeText(locked, check).trimEnd().split("\n");
  const message = stripVTControlCharacters(lines.length > 0 ? lines.join("\n") : title);
  return toAnnotation({
    level: check ? "error" : "notice",
    file: source,
    line,
    title: lines.length > 0 ? title : call,
    message,
  });
}
