import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { completion, startChat, toolCall } from "../../test/support/chat-server.ts";
import { ConfigError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import { type RunCodeOptions, runCode, sandboxProblem, ToolFailure } from "./index.ts";
import { languagesHere } from "./languages.ts";

const run = { toolCallId: "1" };
const here = languagesHere();
const problem = await sandboxProblem();
if (problem !== undefined) console.log(`${problem} The tests of code in a sandbox are skipped.`);

async function execute(language: string, code: string, options: RunCodeOptions = {}): Promise<string> {
  const given = await runCode(options).call({ language, code }, run);
  return given instanceof ToolFailure ? `${given.code}: ${given.message}` : given;
}

// checklist: 124
describe.skipIf(problem !== undefined)("run_code", () => {
  test.each([
    ["python", "print(sum(range(10)))", "45"],
    ["javascript", "console.log(6 * 7, process.argv.length)", "42 2"],
    ["shell", "echo one; echo two >&2; exit 3", "one\n[Standard error]\ntwo\n[Exit code 3.]"],
    ["python", "pass", "[It printed nothing.]"],
    ["python", "raise ValueError('no')", expect.stringMatching(/ValueError: no\n\[Exit code 1\.\]$/)],
  ])("runs %s: %s", async (language, code, printed) => {
    // A machine need not have them all.
    if (Object.hasOwn(here, language)) expect(await execute(language, code)).toEqual(printed);
    else expect(await execute(language, code)).toBe(`refused: There is no language "${language}".`);
  });

  test("has no network, not even to this machine", async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    try {
      const code = `
import socket
try:
    socket.create_connection(("127.0.0.1", ${port}), 2)
    print("connected")
except OSError as error:
    print(type(error).__name__)
`;
      expect(await execute("python", code)).toBe("ConnectionRefusedError");
      expect(asked).toBe(0);
    } finally {
      server.close();
    }
  });

  test("sees neither files, nor processes, nor variables of the machine, and is not root", async () => {
    const code = `
import os
print(os.getuid(), os.getgid(), os.environ.get("HOME"), os.environ.get("SECRET_KEY"))
print(sorted(name for name in os.listdir("/") if name not in ("bin", "sbin", "lib", "lib32", "lib64", "libx32")))
print([pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) > 20])
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")])
for path in ${JSON.stringify([import.meta.filename, "/root", "/home", "/etc/passwd", "/etc/shadow", "/var"])}:
    print(os.path.exists(path), end=" ")
`;
    process.env.SECRET_KEY = "sk-secret";
    try {
      expect((await execute("python", code)).split("\n")).toEqual([
        "65534 65534 /tmp None",
        "['dev', 'etc', 'proc', 'sandbox', 'tmp', 'usr']",
        "[]",
        "['0000000000000000']",
        "False False False False False False",
      ]);
    } finally {
      delete process.env.SECRET_KEY;
    }
  });

  test("writes to /tmp alone, and nothing is left of it", async () => {
    const code =
      "for p in / /usr /etc /dev /dev/shm /sandbox; do (echo x > $p/x) 2>/dev/null && echo wrote $p; done; ls /tmp; echo x > /tmp/x && cat x";
    expect(await execute("shell", code)).toBe("x");
    expect(await execute("shell", code)).toBe("x");
  });

  test("is ended after its time, and when it prints too much", async () => {
    const slow = await execute("shell", "echo begun; sleep 60", { timeout: 300 });
    expect(slow).toBe("limit: begun\n[It was ended after 300 ms.]");
    const loud = await execute("shell", "while :; do echo aaaaaaaaa; done", { maxOutput: 20 });
    expect(loud).toBe("limit: aaaaaaaaa\naaaaaaaaa\n[It was ended when its output passed 20 bytes.]");
  });

  test("has so much memory, so much room and so many processes, and no more", async () => {
    const memory = 128 * 1024 * 1024;
    const eats = "b = bytearray(300_000_000)";
    expect(await execute("python", eats, { memory })).toMatch(/MemoryError\n\[Exit code 1\.\]$/);
    expect(await execute("python", "b = bytearray(30_000_000); print(len(b))", { memory })).toBe("30000000");
    const buffers = "try { Buffer.alloc(1.2e9, 1); console.log('had it') } catch (error) { console.log(error.name) }";
    if (here.javascript) expect(await execute("javascript", buffers, { memory })).toBe("RangeError");
    const fills = "open('big', 'wb').write(b'x' * 3_000_000)";
    expect(await execute("python", fills, { memory })).toBe("[It printed nothing.]");
    const writes = "head -c 200000000 /dev/zero > big || true; stat -c %s big";
    expect(Number((await execute("shell", writes, { memory })).match(/^\d+/)?.[0])).toBeLessThanOrEqual(memory);
    const forks = "for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; echo all";
    expect(await execute("shell", forks, { maxProcesses: 6, timeout: 3_000 })).toMatch(/annot fork/);
  });

  test("is ended with the run, and its processes with it", async () => {
    const controller = new AbortController();
    const waiting = runCode().call({ language: "shell", code: "sleep 61.25" }, { ...run, signal: controller.signal });
    const reason = new Error("left");
    setTimeout(() => controller.abort(reason), 100);
    await expect(waiting).rejects.toBe(reason);
    await expect.poll(commandLines).not.toContain("sleep\u000061.25\u0000");
    await expect(
      runCode().call({ language: "shell", code: "" }, { ...run, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });

  test("takes languages of one's own, and paths that may be read", async () => {
    const languages = { upper: { command: ["/usr/bin/tr", "a-z", "A-Z", "<"] } } as const;
    expect(await execute("upper", "x", { languages })).toMatch(/\[Exit code 1\.\]$/);
    const readable = [import.meta.dirname];
    const reads = `wc -l < ${JSON.stringify(import.meta.filename)}`;
    const lines = readFileSync(import.meta.filename, "utf8").split("\n").length - 1;
    expect(await execute("shell", reads, { readable })).toBe(String(lines));
    expect(await execute("cobol", "x")).toBe('refused: There is no language "cobol".');
    expect(await execute("constructor", "x")).toMatch(/^refused/);
  });

  test("in a loop, its output is told to the model", async () => {
    await using chat = await startChat(
      completion({ tool_calls: [toolCall("run_code", { language: "python", code: "print(6 * 7)" })] }),
      completion({ content: "42" }),
    );
    await toolLoop(openai.call("m", { client: chat.client, tools: [runCode()] }, () => "x"))();
    expect(chat.bodies[1]?.messages).toMatchObject([{}, {}, { role: "tool", tool_call_id: "call_1", content: "42" }]);
  });
});

function commandLines(): string[] {
  const { globSync } = process.getBuiltinModule("node:fs");
  return globSync("/proc/[0-9]*/cmdline").flatMap((path) => {
    try {
      return [readFileSync(path, "utf8")];
    } catch {
      return [];
    }
  });
}

test.each([
  [() => runCode({ languages: {} }), "needs a language"],
  [() => runCode({ languages: { a: { command: ["python3"] } } }), "whole path"],
  [() => runCode({ languages: { a: { command: ["/usr/bin/x"], reserves: -1 } } }), "reserves"],
  [() => runCode({ timeout: 0 }), "timeout"],
  [() => runCode({ memory: 1.5 }), "memory"],
  [() => runCode({ readable: ["relative"] }), "whole paths"],
  [() => runCode({ network: true } as never), 'no option "network"'],
])("options that cannot be are refused where the tool is made: %s", (make, sentence) => {
  expect(make).toThrow(ConfigError);
  expect(make).toThrow(sentence);
});
