import { globSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, relative, resolve } from "node:path";
import { type CallNode, leavesOf } from "../call/combination.ts";
import { definition } from "../call/types.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { Definition } from "../prepare/prepare.ts";
import { checkCopy } from "./check-copy.ts";
import { type FoundConfig, importModule, readConfig } from "./config.ts";
import { isRecord } from "./is-record.ts";
import { Misuse } from "./misuse.ts";

/** One call with arguments to show it by. */
export interface Sample {
  /** `<module>.<export>`. */
  readonly name: string;
  /** What the call is exported as. */
  readonly exported: string;
  /** The module, or the configuration, from the current folder. */
  readonly file: string;
  readonly call: unknown;
  readonly definition: Definition<ProviderTypes>;
  /** Which of the calls it is that a fallback or a hedge is made of. */
  readonly leg: string | undefined;
  readonly args: readonly unknown[];
}

/** What was found, and whether it is all there is: with modules named on the command line it is not. */
export interface Found {
  readonly config: FoundConfig;
  readonly samples: readonly Sample[];
  readonly isAll: boolean;
}

/** The samples of the modules that were named, else of those of the configuration, else of those that have some. */
export async function findSamples(named: readonly string[], configFile: string | undefined): Promise<Found> {
  checkCopy();
  const config = await readConfig(configFile);
  const folder = config.file === undefined ? "." : dirname(config.file);
  const given = named.length > 0 ? named : config.modules?.map((one) => relative(".", resolve(folder, one)));
  const files = given === undefined && config.samples === undefined ? search() : (given ?? []).flatMap(expand);
  const modules: Module[] = [];
  for (const file of new Set(files)) modules.push({ file, exports: await importModule(file) });
  const samples: Sample[] = [];
  for (const { file, exports } of modules) {
    const listed = exports.samples;
    if (listed === undefined) {
      if (named.length > 0) throw new Misuse(`${file} exports no samples: export const samples = [{ call, args }].`);
      continue;
    }
    if (!Array.isArray(listed)) throw new Misuse(`${file}: \`samples\` is a list of { call, args }.`);
    samples.push(
      ...listed.flatMap((one: unknown, at) => toSample(one, `${file}, sample ${at + 1}`, file, [{ file, exports }])),
    );
  }
  const own = named.length > 0 ? [] : (config.samples ?? []);
  const by = config.file ?? "";
  samples.push(...own.flatMap((one, at) => toSample(one, `${by}, sample ${at + 1}`, by, modules)));
  if (samples.length === 0) {
    throw new Misuse(
      "No module exports samples: export const samples = [{ call, args }] beside a call, or name modules.",
    );
  }
  checkNames(samples);
  return { config, samples, isAll: named.length === 0 };
}

interface Module {
  readonly file: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

function toSample(given: unknown, place: string, file: string, modules: readonly Module[]): Sample[] {
  if (!isRecord(given)) throw new Misuse(`${place} is no { call, args }.`);
  const { call, args = [], name, ...more } = given;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new Misuse(`${place} cannot hold "${unknown}"; it holds call, args and name.`);
  const defined = definitionOf(call);
  if (defined === undefined) throw new Misuse(`${place}: its \`call\` is no call of callscope.`);
  if (!Array.isArray(args)) throw new Misuse(`${place}: its \`args\` is the list of the call's arguments.`);
  if (name !== undefined && (typeof name !== "string" || !/^[\w.-]{1,200}$/.test(name) || /^\.+$/.test(name))) {
    throw new Misuse(`${place}: its \`name\` has letters, digits, ".", "_" and "-".`);
  }
  const by = modules.find(({ exports }) => exportOf(exports, call) !== undefined);
  const exported = by && exportOf(by.exports, call);
  if (exported === undefined && name === undefined) {
    throw new Misuse(`${place}: its call is not exported: export it, or give the sample a name.`);
  }
  const own = by === undefined || exported === undefined ? undefined : `${moduleName(by.file)}.${exported}`;
  // A call made of calls is shown by each of them.
  const legs = leavesOf(defined);
  return legs.map((definition, at) => ({
    name: String(name ?? own),
    exported: exported ?? String(name),
    file: by?.file ?? file,
    call,
    definition,
    leg: legs.length > 1 ? `leg ${at + 1}, ${definition.provider.name} ${definition.model}` : undefined,
    args,
  }));
}

function exportOf(exports: Readonly<Record<string, unknown>>, call: unknown): string | undefined {
  return Object.keys(exports).find((name) => exports[name] === call);
}

function definitionOf(call: unknown): CallNode<ProviderTypes> | undefined {
  return typeof call === "function"
    ? (call as { readonly [definition]?: CallNode<ProviderTypes> })[definition]
    : undefined;
}

/** `src/books.ts` is `books`; `src/books/index.ts` is `books`, too. */
function moduleName(file: string): string {
  const name = basename(file, extname(file));
  const folder = basename(dirname(resolve(file)));
  return name === "index" && folder !== "" ? folder : name;
}

function checkNames(samples: readonly Sample[]): void {
  const owners = new Map<string, Sample>();
  for (const sample of samples) {
    const owner = owners.get(sample.name) ?? sample;
    owners.set(sample.name, owner);
    if (owner.call === sample.call) continue;
    throw new Misuse(
      `Two calls have the name ${sample.name}, one of ${owner.file} and one of ${sample.file}: give a sample a \`name\`.`,
    );
  }
}

const sources = ".{ts,mts,js,mjs}";

function expand(pattern: string): string[] {
  if (statSync(pattern, { throwIfNoEntry: false })?.isFile()) return [pattern];
  const found = globSync(pattern).filter((file) => isSource(file) && statSync(file).isFile());
  if (found.length === 0) throw new Misuse(`There is no module ${pattern}.`);
  return found.sort();
}

function search(): string[] {
  const found = globSync(`**/*${sources}`, { exclude: isOutside });
  return found.filter((file) => isSource(file) && exportsSamples(readFileSync(file, "utf8"))).sort();
}

// The second parameter of newer versions of Node is no string.
function isOutside(path: unknown): boolean {
  const name = basename(String((path as { name?: unknown }).name ?? path));
  return name === "node_modules" || name === "dist" || (name.startsWith(".") && name !== ".");
}

function isSource(file: string): boolean {
  return /\.m?[jt]s$/.test(file) && !/\.d\.m?ts$/.test(file) && !/\.(?:test|spec)\.m?[jt]s$/.test(file);
}

function exportsSamples(text: string): boolean {
  return /^export (?:const|let|var) samples\b/m.test(text) || /^export \{[^{}]*\bsamples\b[^{}]*\}/m.test(text);
}
