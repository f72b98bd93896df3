import { ConfigError } from "../errors/errors.ts";
import { checkOptions, wholeNumber } from "../layers/options.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { jsonSchema } from "../schema/schema.ts";
import { type Tool, tool } from "../tools/tool.ts";
import { realRoot, shown } from "./file-root.ts";
import { searchFiles } from "./file-search.ts";
import {
  entriesOf,
  type FileRules,
  folderAt,
  makeDirectory,
  onFiles,
  readText,
  removeFile,
  writeText,
} from "./file-work.ts";
import { orFailure, type ToolFailure } from "./tool-failure.ts";
import { cutText } from "./web-text.ts";

/** What bounds the tools of files. */
export interface FileToolsOptions {
  /** The directory that the model's paths are within. It must exist. */
  readonly root: string;
  /** Extensions of files that may be read and written, in their case. Default: txt md csv json yml yaml html. */
  readonly extensions?: readonly string[];
  /** The most bytes of a file, read or written. Default: 10 MiB. */
  readonly maxBytes?: number;
  /** The most characters of a file given at once; a longer one is cut, and says where to read on. Default: 100,000. */
  readonly maxCharacters?: number;
  /** The most names of a listing. Default: 1,000. */
  readonly maxEntries?: number;
  /** The most lines a search gives. Default: 100. */
  readonly maxMatches?: number;
  /** Whether the model may also write files and make directories. Default: false. */
  readonly write?: boolean;
  /** Whether the model may also delete files. Default: false. */
  readonly remove?: boolean;
}

/** A tool of files: it gives text, or what went wrong. */
export type FileTool<Name extends string, Args> = Tool<Name, Args, Promise<string | ToolFailure>>;

/** What reading takes: a path from the root, and the line to begin with, counted from 1. */
export interface ReadFileArgs {
  readonly path: string;
  readonly from_line?: number;
}

/** What looking through takes; without a path, the whole root. */
export interface SearchFilesArgs {
  readonly query: string;
  readonly path?: string;
}

type Reading = readonly [
  FileTool<"read_file", ReadFileArgs>,
  FileTool<"list_directory", { readonly path?: string }>,
  FileTool<"search_files", SearchFilesArgs>,
];
type Writing = readonly [
  FileTool<"write_file", { readonly path: string; readonly content: string }>,
  FileTool<"create_directory", { readonly path: string }>,
];
type Removing = readonly [FileTool<"delete_file", { readonly path: string }>];

/** The tools that these options give. */
export type FileTools<Options extends FileToolsOptions> = readonly [
  ...Reading,
  ...(Options extends { readonly write: true } ? Writing : []),
  ...(Options extends { readonly remove: true } ? Removing : []),
];

const extensions = ["txt", "md", "csv", "json", "yml", "yaml", "html"];
const keys: readonly string[] = [
  "root",
  "extensions",
  "maxBytes",
  "maxCharacters",
  "maxEntries",
  "maxMatches",
  "write",
  "remove",
] satisfies (keyof FileToolsOptions)[];

/**
 * Tools for the files below a directory: `read_file`, `list_directory`, `search_files`; with `write`, `write_file` and
 * `create_directory`; with `remove`, `delete_file`. A path that leads out, or through a link, is refused. What fails is
 * given as a `ToolFailure`, which the model is told. Throws `ConfigError`.
 */
export function fileTools<const Options extends FileToolsOptions>(options: Options): FileTools<Options> {
  checkOptions("fileTools()", options, keys);
  const rules = toRules(options);
  const tools = [
    ...readingTools(rules),
    ...(options.write === true ? writingTools(rules) : []),
    ...(options.remove === true ? [deleteFile(rules)] : []),
  ];
  // The list is put together here as `FileTools` puts its type together.
  return tools as unknown as FileTools<Options>;
}

function toRules(options: FileToolsOptions): FileRules {
  const rules = {
    root: realRoot("fileTools()", options.root),
    extensions: options.extensions ?? extensions,
    maxBytes: options.maxBytes ?? 10 * 1024 * 1024,
    maxCharacters: options.maxCharacters ?? 100_000,
    maxEntries: options.maxEntries ?? 1_000,
    maxMatches: options.maxMatches ?? 100,
  };
  const { maxBytes, maxCharacters, maxEntries, maxMatches } = rules;
  for (const [name, value] of Object.entries({ maxBytes, maxCharacters, maxEntries, maxMatches })) {
    wholeNumber(name, value, 1);
  }
  if (!Array.isArray(rules.extensions) || !rules.extensions.every((one) => /^[^./\\]+$/.test(String(one)))) {
    throw new ConfigError('`extensions` is a list of extensions without a point: ["txt", "md"].');
  }
  return rules;
}

const path = { type: "string", description: "A path from the directory, with / between names." };

function argsOf<Args>(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]) {
  return jsonSchema<Args>({ type: "object", properties, required, additionalProperties: false });
}

function readingTools(rules: FileRules): Reading {
  return [
    tool({
      name: "read_file",
      description: "Gives the text of a file.",
      parameters: argsOf<ReadFileArgs>(
        { path, from_line: { type: "integer", minimum: 1, description: "The line to begin with." } },
        ["path"],
      ),
      call: ({ path, from_line = 1 }, { signal }) =>
        orFailure(signal, () => onFiles(path, async () => fromLine(await readText(rules, path), from_line, rules))),
    }),
    tool({
      name: "list_directory",
      description: "Lists what is in a directory: names, kinds and sizes in bytes.",
      parameters: argsOf<{ readonly path?: string }>({ path }, []),
      call: ({ path = "" }, { signal }) => orFailure(signal, () => onFiles(path, () => listing(rules, path))),
    }),
    tool({
      name: "search_files",
      description: "Looks for a text in the files below a directory, and in their paths.",
      parameters: argsOf<SearchFilesArgs>({ query: { type: "string" }, path }, ["query"]),
      call: ({ query, path = "" }, { signal }) =>
        orFailure(signal, () => onFiles(path, () => searchFiles(rules, query, path, signal))),
    }),
  ];
}

function writingTools(rules: FileRules): Writing {
  return [
    tool({
      name: "write_file",
      description: "Writes a text to a file, in place of what it has.",
      parameters: argsOf<{ readonly path: string; readonly content: string }>({ path, content: { type: "string" } }, [
        "path",
        "content",
      ]),
      call: ({ path, content }, { signal }) =>
        orFailure(signal, () =>
          onFiles(path, async () => `${await writeText(rules, path, content)} bytes are in ${shown(path)} now.`),
        ),
    }),
    tool({
      name: "create_directory",
      description: "Makes a directory, those above it too.",
      parameters: argsOf<{ readonly path: string }>({ path }, ["path"]),
      call: ({ path }, { signal }) =>
        orFailure(signal, () =>
          onFiles(path, async () => {
            await makeDirectory(rules, path);
            return `The directory ${shown(path)} is there.`;
          }),
        ),
    }),
  ];
}

function deleteFile(rules: FileRules): Removing[0] {
  return tool({
    name: "delete_file",
    description: "Deletes a file.",
    parameters: argsOf<{ readonly path: string }>({ path }, ["path"]),
    call: ({ path }, { signal }) =>
      orFailure(signal, () =>
        onFiles(path, async () => {
          await removeFile(rules, path);
          return `${shown(path)} is deleted.`;
        }),
      ),
  });
}

async function listing(rules: FileRules, path: string): Promise<string> {
  await using folder = await folderAt(rules, path);
  const entries = await entriesOf(folder);
  if (entries.length === 0) return "The directory is empty.";
  const lines = entries
    .slice(0, rules.maxEntries)
    .map(({ name, kind, size }) => `${name} ${kind}${kind === "file" ? ` ${size}` : ""}`);
  const more = entries.length - lines.length;
  return more > 0 ? `${lines.join("\n")}\n[And ${more} more.]` : lines.join("\n");
}

/** The text from a line on; one that is cut says with which line it goes on. */
function fromLine(text: string, first: number, { maxCharacters }: FileRules): string {
  const rest =
    first === 1
      ? text
      : text
          .split("\n")
          .slice(first - 1)
          .join("\n");
  if (rest.length <= maxCharacters) return rest;
  const end = rest.lastIndexOf("\n", maxCharacters);
  if (end <= 0) return cutText(rest, maxCharacters);
  const kept = rest.slice(0, end);
  return `${kept}\n[Cut here: read on with from_line ${first + kept.split("\n").length}.]`;
}
