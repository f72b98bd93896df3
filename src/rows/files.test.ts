import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import * as z from "zod";
import { thrownBy } from "../../test/support/replay.ts";
import { query, startRows, temporaryFolder } from "../../test/support/row-server.ts";
import { openai } from "../providers/openai/index.ts";
import { csv, jsonl, map, openJournal, type Row } from "./index.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };

async function all<Value>(run: AsyncIterable<Row<Value>>): Promise<Row<Value>[]> {
  const rows: Row<Value>[] = [];
  for await (const row of run) rows.push(row);
  return rows.sort((a, b) => a.ordinal - b.ordinal);
}

test("JSON lines are rows; a line that is none fails under its number, and the run goes on", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const path = folder.path("rows.jsonl");
  writeFileSync(path, '\ufeff{"id":"1","text":"a"}\r\n\n{"id":"2","text":\n{"id":"3","text":4}\n{"id":"4","text":"d"}');
  const schema = z.object({ id: z.string(), text: z.string() });
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const journal = folder.path("a.db");
  for (const resumed of [false, true]) {
    const options = {
      key: ({ id }: { id: string }) => id,
      args: ({ text }: { text: string }): [string] => [text],
      journal,
    };
    const rows = await all(map(call, jsonl(path, { schema }), options));
    expect(rows.map(({ key, status }) => [key, status])).toEqual([
      ["1", "done"],
      ["line 3", "failed"],
      ["line 4", "failed"],
      ["4", "done"],
    ]);
    expect(rows.every((row) => row.resumed === (resumed && row.status === "done"))).toBe(true);
    if (resumed) continue;
    expect(rows[1]).toMatchObject({ error: { code: "source", line: 3, path }, requests: 0 });
    expect(rows[2]).toMatchObject({ error: { message: expect.stringMatching(/line 4: .*schema: text: /) } });
  }
  expect([...server.asked.keys()].sort()).toEqual(["a", "d"]);
  // A line that was mended is asked for under its own key.
  writeFileSync(path, '{"id":"1","text":"a"}\n\n{"id":"2","text":"b"}\n{"id":"3","text":"c"}\n{"id":"4","text":"d"}');
  const mended = {
    key: ({ id }: { id: string }) => id,
    args: ({ text }: { text: string }): [string] => [text],
    journal,
  };
  expect(await map(call, jsonl(path, { schema }), mended)).toMatchObject({ done: 4, resumed: 2, failed: 0 });
});

test("the records of a CSV file are rows of texts, quotes and all", async () => {
  using folder = temporaryFolder();
  await using server = await startRows();
  const path = folder.path("rows.csv");
  writeFileSync(path, '\ufeffid;text\r\n1;"a; ""b""\nc"\r\n2;d\r\n');
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const rows = await all(
    map(call, csv(path, { delimiter: ";" }), { key: ({ id = "" }) => id, args: ({ text = "" }) => [text] }),
  );
  expect(rows.map(({ args }) => args)).toEqual([['a; "b"\nc'], ["d"]]);
  const made = csv(path, { delimiter: ";", schema: z.object({ id: z.coerce.number().max(1), text: z.string() }) });
  const checked = await all(map(call, made, { key: ({ id }) => `${id}`, args: ({ text }) => [text] }));
  expect(checked.map(({ status, key }) => [key, status])).toEqual([
    ["1", "done"],
    ["line 4", "failed"],
  ]);
});

test("a file that is not there ends the run", async () => {
  using folder = temporaryFolder();
  const call = openai.call("gpt-4o-mini", say);
  const args = (): [string] => ["x"];
  const files = [jsonl(folder.path("no.jsonl")), csv(folder.path("no.csv"))];
  for (const rows of files) expect(await thrownBy(() => map(call, rows, { args }))).toMatchObject({ code: "ENOENT" });
});

test("a journal is listed, exported and tidied up", async () => {
  using folder = temporaryFolder();
  await using server = await startRows((text, answer) => {
    if (text === "bad") answer.send(400, json, JSON.stringify({ error: { message: 'say "x", please' } }));
  });
  const path = folder.path("a.db");
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const options = { journal: path, name: "nightly", key: (row: string) => row, concurrency: 1 };
  const rows = ["a, b", 'c "d"', "bad", "e\nf"];
  const totals = await map(call, rows, options);
  await map(call, ["x"], { ...options, name: "other" });
  {
    using journal = openJournal(path);
    expect(journal.runs()).toEqual([
      { name: "nightly", done: 3, failed: 1, cost: expect.closeTo(totals.cost ?? 0, 12), created: expect.any(Number) },
      { name: "other", done: 1, failed: 0, cost: expect.any(Number), created: expect.any(Number) },
    ]);
    const facts = { name: "Error", kind: "invalid_request", status: 400, retryable: false };
    expect([...journal.failures()]).toEqual([{ run: "nightly", key: "bad", message: '400 say "x", please', ...facts }]);
    expect(journal.export(folder.path("out.csv"), { name: "nightly" })).toBe(4);
    const records = parse(readFileSync(folder.path("out.csv")), { columns: true }) as Record<string, string>[];
    expect(records.map(({ key, status, value }) => [key, status, value])).toEqual([
      ["a, b", "done", "A, B"],
      ['c "d"', "done", 'C "D"'],
      ["bad", "failed", ""],
      ["e\nf", "done", "E\nF"],
    ]);
    expect(journal.export(folder.path("out.jsonl"), { status: "failed" })).toBe(1);
    const line = JSON.parse(readFileSync(folder.path("out.jsonl"), "utf8")) as object;
    expect(line).toMatchObject({
      run: "nightly",
      key: "bad",
      status: "failed",
      args: ["bad"],
      error: { status: 400 },
      cost: 0,
    });
    expect(() => journal.export(folder.path("out.xls"))).toThrow(/\.jsonl or \.csv/);
    expect(() => journal.delete({})).toThrow(/which rows/);
    expect(() => journal.delete({ key: "a" } as object)).toThrow(/which rows|key/);
    expect(journal.delete({ before: new Date(Date.now() - 60_000) })).toBe(0);
    expect(journal.delete({ name: "nightly", keys: ["bad", "a, b", "nobody"] })).toBe(2);
  }
  expect(readFileSync(path).includes("a, b")).toBe(false);
  {
    // By age: what ended before a time, and nothing else.
    using journal = openJournal(path);
    const middle = new Date(Date.now() + 60_000);
    query(path, `UPDATE rows SET ended = ${middle.getTime() + 1} WHERE key = 'x'`);
    expect(journal.delete({ before: middle })).toBe(2);
    expect(journal.runs().map(({ name, done, failed }) => [name, done + failed])).toEqual([
      ["nightly", 0],
      ["other", 1],
    ]);
  }
  await map(call, ['c "d"'], options);
  expect(await map(call, ["a, b", 'c "d"'], options)).toMatchObject({ resumed: 1, own: { done: 1 } });
  expect(() => openJournal(folder.path("none.db"))).toThrow(/no journal/);
});

test("nothing is deleted from a run that somebody works on", async () => {
  using folder = temporaryFolder();
  await using server = await startRows(
    (text) => new Promise((resolve) => setTimeout(resolve, text === "slow" ? 300 : 0)),
  );
  const path = folder.path("a.db");
  const call = openai.call("gpt-4o-mini", { client: server.client }, say);
  const kept = { journal: path, key: (row: string) => row };
  await map(call, ["a"], { ...kept, name: "one" });
  await map(call, ["a"], { ...kept, name: "two" });
  const run = map(call, ["slow"], { ...kept, name: "one" }).then((totals) => totals);
  while (!server.asked.has("slow")) await new Promise((resolve) => setTimeout(resolve, 1));
  {
    using journal = openJournal(path);
    const busy = { code: "journal", fault: "busy", message: expect.stringContaining('its run "one"') };
    expect(await thrownBy(async () => journal.delete({ keys: ["a"] }))).toMatchObject(busy);
    expect(journal.delete({ name: "two", keys: ["a"] })).toBe(1);
  }
  expect(await run).toMatchObject({ done: 1 });
});
