import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { workplace } from "../../test/support/run-command.ts";
import { startViewer } from "../../test/support/viewer.ts";

const folder = mkdtempSync(join(tmpdir(), "callscope-view-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (name: string, text?: string) => {
  const file = join(folder, name);
  if (text !== undefined) writeFileSync(file, text);
  return file;
};

/** The status of an answer, whatever the headers: `fetch` sets `Host` itself. */
function statusOf(url: string, headers: Record<string, string>, method = "GET"): Promise<number | undefined> {
  return new Promise((done, fail) => {
    request(url, { headers, method }, (response) => {
      response.resume();
      done(response.statusCode);
    })
      .on("error", fail)
      .end();
  });
}

/** What is read of an answer until it holds this. */
async function readUntil(response: Response, wanted: string): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes(wanted)) {
    const step = await reader?.read();
    if (step?.done !== false) break;
    text += decoder.decode(step.value, { stream: true });
  }
  await reader?.cancel();
  return text;
}

describe("callscope view", { timeout: 60_000 }, () => {
  test("serves one page to this machine alone, under a path that cannot be guessed", async () => {
    await using viewer = await startViewer(fileOf("a.jsonl", "{}\n"));
    expect(viewer.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/);
    const page = await fetch(viewer.url);
    const html = await page.text();
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("access-control-allow-origin")).toBeNull();
    // It asks for nothing else: no address in it but those of the namespaces of pictures.
    expect(html.match(/https?:\/\/[^'"\s)]+/g)?.filter((address) => !address.startsWith("http://www.w3.org/"))).toEqual(
      [],
    );
    expect(html).not.toContain("sk-never-shown");
    const { port, host, origin } = new URL(viewer.url);
    expect(await statusOf(viewer.url, { host: `localhost:${port}` })).toBe(200);
    for (const other of ["evil.example", `evil.example:${port}`, "127.0.0.1", `127.0.0.2:${port}`]) {
      expect(await statusOf(viewer.url, { host: other })).toBe(403);
    }
    expect(await statusOf(viewer.url, { host, "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await statusOf(viewer.url, { host }, "POST")).toBe(405);
    for (const path of [
      "/",
      "/trace",
      `${new URL(viewer.url).pathname}other`,
      `${new URL(viewer.url).pathname}..%2fname/x`,
    ]) {
      expect(await statusOf(`${origin}${path}`, { host })).toBe(404);
    }
    expect(await statusOf(`${viewer.url}trace?from=-1`, { host })).toBe(400);
    expect(await viewer.end()).toBe(0);
  });

  test("gives the file from any byte on, and what is added to it", async () => {
    const file = fileOf("b.jsonl", '{"a":1}\n');
    await using viewer = await startViewer(file);
    const answer = await fetch(`${viewer.url}trace?from=2`);
    expect(answer.headers.get("x-trace-size")).toBe("8");
    const reading = readUntil(answer, "more");
    appendFileSync(file, "more\n");
    expect(await reading).toBe('a":1}\nmore\n');
    const name = answer.headers.get("x-trace-file") ?? "";
    const further = await fetch(`${viewer.url}trace?from=8&file=${name}`);
    expect(await readUntil(further, "more")).toBe("more\n");
  });

  test("says where the file is another one, and waits for one that is not there", async () => {
    const file = fileOf("c.jsonl", "0123456789\n");
    await using viewer = await startViewer(file);
    const answer = await fetch(`${viewer.url}trace`);
    const name = answer.headers.get("x-trace-file") ?? "";
    const ended = answer.text();
    rmSync(file);
    // The answer ends with the file.
    expect(await ended).toBe("0123456789\n");
    const waiting = await fetch(`${viewer.url}trace`);
    expect(waiting.headers.get("x-trace-file")).toBe("");
    fileOf("c.jsonl", "new\n");
    expect(await waiting.text()).toBe("");
    expect((await fetch(`${viewer.url}trace?from=11&file=${name}`)).status).toBe(409);
    expect(await readUntil(await fetch(`${viewer.url}trace`), "\n")).toBe("new\n");
  });

  test.each([
    [["view"], "Name one trace"],
    [["view", "."], ". is no file."],
    [["view", "no/folder/x.jsonl"], "There is no folder no/folder."],
    [["view", "x.jsonl", "--port", "web"], "--port takes a number"],
  ])("misused, says so with code 2: %j", async (args, sentence) => {
    using place = workplace();
    const { code, errors } = await place.run(...args);
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining(sentence) });
  });
});
