import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { completion, startChat, toolCall } from "../../test/support/chat-server.ts";
import { ConfigError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import { type FileToolsOptions, fileTools, ToolFailure } from "./index.ts";

const run = { toolCallId: "1" };
let folder: string;
let root: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callscope-files-"));
  root = join(folder, "root");
  mkdirSync(join(root, "books"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "outside");
  writeFileSync(join(root, "dune.txt"), "Arrakis\nDune\n");
  writeFileSync(join(root, "books/list.md"), "# Books\nDune by Herbert\n");
  writeFileSync(join(root, "A.TXT"), "upper");
  writeFileSync(join(root, ".env"), "KEY=1");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The tools by name, called with the arguments of the model. */
function files(options: Partial<FileToolsOptions> = {}) {
  const tools = fileTools({ root, write: true, remove: true, ...options });
  return async (name: string, args: object): Promise<string> => {
    const found = tools.find((one) => one.name === name);
    const given = await found?.call(args as never, run);
    return given instanceof ToolFailure ? `${given.code}: ${given.message}` : String(given);
  };
}

// checklist: 123
describe("files below a root", () => {
  test("are read, listed, written, searched and deleted", async () => {
    const use = files();
    expect(await use("read_file", { path: "dune.txt" })).toBe("Arrakis\nDune\n");
    expect(await use("read_file", { path: "./books/../dune.txt", from_line: 2 })).toBe("Dune\n");
    expect(await use("list_directory", {})).toBe(".env file 5\nA.TXT file 5\nbooks directory\ndune.txt file 13");
    expect(await use("list_directory", { path: "books" })).toBe("list.md file 24");
    expect(await use("write_file", { path: "new/deep/notes.md", content: "café" })).toBe(
      '5 bytes are in "new/deep/notes.md" now.',
    );
    expect(readFileSync(join(root, "new/deep/notes.md"), "utf8")).toBe("café");
    expect(readdirSync(join(root, "new/deep"))).toEqual(["notes.md"]);
    expect(await use("search_files", { query: "DUNE" })).toBe(
      "dune.txt\ndune.txt:2: Dune\nbooks/list.md:2: Dune by Herbert",
    );
    expect(await use("search_files", { query: "nowhere" })).toBe("Nothing was found.");
    expect(await use("create_directory", { path: "a/b" })).toBe('The directory "a/b" is there.');
    expect(await use("create_directory", { path: "a/b" })).toBe('The directory "a/b" is there.');
    expect(await use("list_directory", { path: "a/b" })).toBe("The directory is empty.");
    expect(await use("delete_file", { path: "dune.txt" })).toBe('"dune.txt" is deleted.');
    expect(existsSync(join(root, "dune.txt"))).toBe(false);
  });

  test("writing is there whole, keeps the mode of what it replaces, and writes through no hard link", async () => {
    chmodSync(join(root, "dune.txt"), 0o640);
    linkSync(join(folder, "secret.txt"), join(root, "linked.txt"));
    const use = files();
    await use("write_file", { path: "dune.txt", content: "new" });
    await use("write_file", { path: "linked.txt", content: "new" });
    expect(statSync(join(root, "dune.txt")).mode & 0o777).toBe(0o640);
    expect(readFileSync(join(root, "linked.txt"), "utf8")).toBe("new");
    expect(readFileSync(join(folder, "secret.txt"), "utf8")).toBe("outside");
    expect(await use("write_file", { path: "books", content: "x" })).toMatch(/^refused: /);
    mkdirSync(join(root, "dir.txt"));
    expect(await use("write_file", { path: "dir.txt", content: "x" })).toBe('failed: "dir.txt" is a directory.');
    expect(readdirSync(root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test.each(["../secret.txt", "books/../../secret.txt", "..", "/etc/hostname", "../root2/x.txt", "books/../.."])(
    "refuse %s, which leads out",
    async (path) => {
      const use = files();
      for (const [name, more] of Object.entries({
        read_file: {},
        list_directory: {},
        search_files: { query: "o" },
        write_file: { content: "x" },
        create_directory: {},
        delete_file: {},
      })) {
        expect(await use(name, { path, ...more })).toMatch(/^refused: The path .* leads out/);
      }
      expect(readFileSync(join(folder, "secret.txt"), "utf8")).toBe("outside");
    },
  );

  test("refuse links, to a file, to a directory, in the middle of a path, also such as stay inside", async () => {
    mkdirSync(join(folder, "outer"));
    writeFileSync(join(folder, "outer/x.txt"), "outside");
    symlinkSync(join(folder, "secret.txt"), join(root, "out.txt"));
    symlinkSync(join(folder, "outer"), join(root, "away"));
    symlinkSync(join(root, "dune.txt"), join(root, "in.txt"));
    symlinkSync(join(folder, "new.txt"), join(root, "dangling.txt"));
    const use = files();
    for (const path of ["out.txt", "in.txt", "away/x.txt", "dangling.txt"]) {
      expect(await use("read_file", { path })).toMatch(/^refused: .* goes through a link/);
      expect(await use("write_file", { path, content: "x" })).toMatch(/^refused: .* goes through a link/);
      expect(await use("delete_file", { path })).toMatch(/^refused: .* goes through a link/);
    }
    expect(await use("list_directory", { path: "away" })).toMatch(/^refused: .* goes through a link/);
    expect(await use("create_directory", { path: "away/y" })).toMatch(/^refused: .* goes through a link/);
    expect(await use("list_directory", {})).toContain("away link\n");
    expect(await use("search_files", { query: "outside" })).toBe("Nothing was found.");
    expect(existsSync(join(folder, "new.txt"))).toBe(false);
    expect(readFileSync(join(folder, "secret.txt"), "utf8")).toBe("outside");
  });

  test("a root that is a link itself is the directory it leads to", async () => {
    symlinkSync(root, join(folder, "alias"));
    expect(await files({ root: join(folder, "alias") })("read_file", { path: "dune.txt" })).toBe("Arrakis\nDune\n");
  });

  test.each(["A.TXT", ".env", "books", "none", "x.exe", "dune.txt/", "a.txt:stream"])(
    "refuse the extension of %s, before they look whether it is there",
    async (path) => {
      const allowed = path === "dune.txt/";
      expect(await files()("read_file", { path })).toMatch(
        allowed ? /^Arrakis/ : /^refused: .* extensions allowed: txt/,
      );
    },
  );

  test("say what is wrong in this order: path, extension, existence, size", async () => {
    const use = files({ maxBytes: 10 });
    expect(await use("read_file", { path: "../x.exe" })).toMatch(/^refused: .* leads out/);
    expect(await use("read_file", { path: "missing.exe" })).toMatch(/^refused: .* extensions/);
    expect(await use("read_file", { path: "missing.txt" })).toBe('failed: "missing.txt" does not exist.');
    expect(await use("read_file", { path: "no/missing.txt" })).toBe('failed: "no/missing.txt" does not exist.');
    expect(await use("read_file", { path: "dune.txt" })).toBe(
      'limit: "dune.txt" has 13 bytes; at most 10 are allowed.',
    );
    const written = await use("write_file", { path: "deep/er.txt", content: "ééééée" });
    expect(written).toBe('limit: "deep/er.txt" has 11 bytes; at most 10 are allowed.');
    expect(existsSync(join(root, "deep"))).toBe(false);
    expect(await use("list_directory", { path: "dune.txt" })).toMatch(/^failed: "dune.txt" is not a directory/);
    expect(await use("delete_file", { path: "missing.txt" })).toBe('failed: "missing.txt" does not exist.');
    mkdirSync(join(root, "dir.txt"));
    expect(await use("delete_file", { path: "dir.txt" })).toBe('failed: "dir.txt" is not a file.');
    expect(await use("read_file", { path: "dir.txt" })).toBe('failed: "dir.txt" is not a file.');
    expect(await use("read_file", { path: "" })).toMatch(/^refused: /);
    expect(await use("read_file", { path: "a\0.txt" })).toMatch(/^refused: /);
  });

  test.skipIf(process.platform === "win32")("a pipe is no file, and nobody waits for it", async () => {
    execFileSync("mkfifo", [join(root, "pipe.txt")]);
    expect(await files()("read_file", { path: "pipe.txt" })).toBe('failed: "pipe.txt" is not a file.');
  });

  test("cut what is too long, and say so", async () => {
    writeFileSync(join(root, "long.txt"), "one\ntwo\nthree\n");
    const use = files({ maxCharacters: 9, maxEntries: 2, maxMatches: 2 });
    expect(await use("read_file", { path: "long.txt" })).toBe("one\ntwo\n[Cut here: read on with from_line 3.]");
    expect(await use("read_file", { path: "long.txt", from_line: 3 })).toBe("three\n");
    expect(await use("list_directory", {})).toBe(".env file 5\nA.TXT file 5\n[And 3 more.]");
    expect(await use("search_files", { query: "t" })).toMatch(/\n\[There may be more: it stopped after 2.\]$/);
    expect(await use("search_files", { query: " " })).toMatch(/^refused: /);
    writeFileSync(join(root, "wide.md"), `${"a".repeat(500)}needle${"b".repeat(500)}`);
    expect(await files()("search_files", { query: "needle" })).toMatch(/^wide.md:1: …a+needleb+…$/);
    writeFileSync(join(root, "bytes.txt"), Buffer.from([0xff, 0xfe, 0x00]));
    expect(await use("read_file", { path: "bytes.txt" })).toBe('failed: "bytes.txt" is no text in UTF-8.');
  });

  test("only reading is offered unless more is asked for", async () => {
    await using chat = await startChat(
      completion({ tool_calls: [toolCall("read_file", { path: "../secret.txt" })] }),
      completion({ content: "done" }),
    );
    const tools = fileTools({ root });
    expect(tools.map(({ name }) => name)).toEqual(["read_file", "list_directory", "search_files"]);
    await toolLoop(openai.call("m", { client: chat.client, tools }, () => "x"))();
    expect(chat.bodies[0]?.tools).toMatchObject([
      {
        function: {
          name: "read_file",
          parameters: {
            type: "object",
            properties: { path: { type: "string" }, from_line: { type: "integer", minimum: 1 } },
            required: ["path"],
            additionalProperties: false,
          },
        },
      },
      { function: { name: "list_directory" } },
      { function: { name: "search_files" } },
    ]);
    expect(chat.bodies[1]?.messages).toEqual([
      { role: "user", content: "x" },
      expect.objectContaining({ role: "assistant" }),
      {
        role: "tool",
        tool_call_id: "call_1",
        content: 'The path "../secret.txt" leads out of the directory that is allowed.',
      },
    ]);
  });

  test("a run that has ended is not told anything", async () => {
    const [read, , search] = fileTools({ root });
    const reason = new Error("left");
    const ended = { ...run, signal: AbortSignal.abort(reason) };
    await expect(read.call({ path: "dune.txt" }, ended)).rejects.toBe(reason);
    await expect(search.call({ query: "x" }, ended)).rejects.toBe(reason);
  });

  test.each([
    [() => fileTools({} as never), "needs a `root`"],
    [() => fileTools({ root: "/no/such/directory" }), "does not exist"],
    [() => fileTools({ root: join(root, "dune.txt") }), "not a directory"],
    [() => fileTools({ root, extensions: [".txt"] }), "without a point"],
    [() => fileTools({ root, maxBytes: -1 }), "maxBytes"],
    [() => fileTools({ root, writes: true } as never), 'no option "writes"'],
  ])("options that cannot be are refused where the tools are made: %s", (make, sentence) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(sentence);
  });
});
