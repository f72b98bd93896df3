import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseSync } from "oxc-parser";

// What a subpath exports, found in the built declarations: names are followed through re-exports to where they are
// declared, and each comes with its docstring and its text.

/** What a name is. */
export type Kind = "function" | "class" | "value" | "type" | "namespace";

/** One exported name. */
export interface Declaration {
  readonly name: string;
  readonly kind: Kind;
  /** The docstring without its stars; empty where there is none. */
  readonly doc: string;
  /** The declaration as it stands, overloads one after another, without the docstring and `export declare`. */
  readonly text: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface Specifier {
  readonly local: { readonly name: string };
  readonly exported: { readonly name: string };
}

interface Statement extends Node {
  readonly source?: { readonly value: string } | null;
  readonly exported?: { readonly name: string } | null;
  readonly specifiers?: readonly Specifier[];
  readonly declaration?: (Node & Declared) | null;
}

interface Declared {
  readonly id?: { readonly name: string } | null;
  readonly declarations?: readonly { readonly id: { readonly name: string } }[];
}

interface Module {
  readonly text: string;
  readonly body: readonly (Statement & Declared)[];
  readonly comments: readonly Node[];
}

const modules = new Map<string, Module>();

function read(file: string): Module {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, "utf8");
  const { program, comments, errors } = parseSync(file, text, { lang: "dts" });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const parsed = { text, body: program.body as unknown as Module["body"], comments };
  modules.set(file, parsed);
  return parsed;
}

const fileOf = (from: string, path: string) => resolve(dirname(from), path.replace(/\.[jt]s$/, ".d.ts"));
const isOwn = (path: string) => path.startsWith(".");

/** All that a file of declarations exports. */
export function exportsOf(file: string): Declaration[] {
  const { body } = read(file);
  return body.flatMap((statement) => {
    const source = statement.source?.value;
    switch (statement.type) {
      case "ExportAllDeclaration": {
        if (source === undefined || !isOwn(source)) return [];
        const inside = exportsOf(fileOf(file, source));
        if (!statement.exported) return inside;
        const { name } = statement.exported;
        const names = inside.map((one) => one.name).join(", ");
        return [{ name, kind: "namespace", doc: `All of the above under one name: ${names}.`, text: "" }];
      }
      case "ExportNamedDeclaration":
        return (statement.specifiers ?? []).length > 0
          ? (statement.specifiers ?? []).flatMap(({ local, exported }) => {
              const found =
                source === undefined
                  ? find(file, local.name)
                  : isOwn(source)
                    ? find(fileOf(file, source), local.name)
                    : undefined;
              return found === undefined ? [] : [{ ...found, name: exported.name }];
            })
          : namesOf(statement.declaration ?? {}).flatMap((name) => find(file, name) ?? []);
      default:
        return [];
    }
  });
}

function namesOf({ id, declarations }: Declared): string[] {
  return id ? [id.name] : (declarations ?? []).map(({ id }) => id.name);
}

/** A name of a file: declared there, or exported from another. */
function find(file: string, name: string): Declaration | undefined {
  const { text, body, comments } = read(file);
  const own = body
    .map((statement) => ({ statement, declared: statement.declaration ?? statement }))
    .filter(({ declared }) => namesOf(declared as Declared).includes(name));
  const [first] = own;
  if (first === undefined) return exportedElsewhere(file, name);
  const texts = own.map(({ declared }) => text.slice(declared.start, declared.end).replace(/^declare /, ""));
  const docs = own.map(({ statement }) => docBefore(text, comments, statement.start)).filter((doc) => doc !== "");
  return { name, kind: kindOf(first.declared.type), doc: docs.join("\n\n"), text: texts.join("\n") };
}

function exportedElsewhere(file: string, name: string): Declaration | undefined {
  for (const { type, source, specifiers, body } of read(file).body as readonly (Statement & { body?: unknown })[]) {
    if (body !== undefined && type === "never") continue;
    const path = source?.value;
    if (path === undefined || !isOwn(path)) continue;
    const named = specifiers?.find((one) => (one.exported ?? one.local).name === name);
    if (named !== undefined)
      return find(fileOf(file, path), (named as { imported?: { name: string } }).imported?.name ?? named.local.name);
    if (type === "ExportAllDeclaration") {
      const found = find(fileOf(file, path), name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function kindOf(type: string): Kind {
  if (type.includes("Function")) return "function";
  if (type.includes("Class")) return "class";
  return type === "VariableDeclaration" ? "value" : "type";
}

/** The docstring that ends right before a place. */
function docBefore(text: string, comments: readonly Node[], start: number): string {
  const comment = comments.findLast(({ end }) => end <= start && text.slice(end, start).trim() === "");
  if (comment === undefined) return "";
  const raw = text.slice(comment.start, comment.end);
  if (!raw.startsWith("/**")) return "";
  const lines = raw.slice(3, -2).split("\n");
  return lines
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
}
