import { describe, expect, test } from "vitest";
import { completion, startChat } from "../../test/support/chat-server.ts";
import { imports, workplace } from "../../test/support/run-command.ts";
import { startServer } from "../../test/support/server.ts";

const triage = `${imports}
export const triage = openai.call("gpt-4o-mini", { client: undefined }, (text: string) => "Is this urgent? " + text);
`.replace("{ client: undefined }, ", "");
const tickets = '{"id":"a","text":"Fire"}\n{"id":"b","text":"Lunch"}\n';
const options = ["--rows", "tickets.jsonl", "--arg", "text", "--key", "id"];

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("callscope rows", () => {
  test("asks for every row, and goes on from its journal", async () => {
    await using server = await startChat(completion({ content: "yes" }));
    using place = workplace({ "triage.ts": triage, "tickets.jsonl": tickets });
    const env = { OPENAI_BASE_URL: server.url };
    const args = ["rows", "triage.ts#triage", ...options, "--journal", "rows.db"];
    const first = await place.runWith({ env }, ...args);
    expect(first).toMatchObject({ code: 0, errors: "" });
    expect(linesOf(first.output).toSorted((one, other) => one.ordinal - other.ordinal)).toEqual([
      { ...row, key: "a", ordinal: 0, args: ["Fire"], resumed: false },
      { ...row, key: "b", ordinal: 1, args: ["Lunch"], resumed: false },
    ]);
    expect(server.bodies).toContainEqual({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: "Is this urgent? Fire" }],
    });
    place.write("tickets.jsonl", `${tickets}{"id":"c","text":"Rain"}\n`);
    const again = await place.runWith({ env }, ...args, "--out", "out.jsonl");
    expect(again).toEqual({ code: 0, output: "3 rows done, 2 from the journal, $0.0000135.\n", errors: "" });
    expect(
      linesOf(place.read("out.jsonl"))
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(["a", "b", "c"]);
    expect(server.bodies).toHaveLength(3);
  });

  test("reads CSV, and gives one JSON value with the totals", async () => {
    await using server = await startChat(completion({ content: "yes" }));
    using place = workplace({ "triage.ts": triage, "tickets.csv": "id,text\r\na,Fire\r\n" });
    const env = { OPENAI_BASE_URL: server.url };
    const { code, output } = await place.runWith(
      { env },
      "rows",
      "triage.ts",
      "--rows",
      "tickets.csv",
      "--arg",
      "text",
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      rows: [{ status: "done", args: ["Fire"], value: "yes", cost: 0.0000045 }],
      totals: { done: 1, failed: 0, cost: 0.0000045, requests: 1 },
    });
  });

  test("rows that failed give the code 1, a stop before the end 4", async () => {
    await using server = await startServer((answer) => {
      const isFire = JSON.stringify(answer.request.body).includes("Fire");
      const body = isFire ? { error: { message: "No fires, sk-never-shown." } } : completion({ content: "no" });
      answer.send(isFire ? 400 : 200, { "content-type": "application/json" }, JSON.stringify(body));
    });
    using place = workplace({ "triage.ts": triage, "tickets.jsonl": tickets });
    const env = { OPENAI_BASE_URL: server.url };
    const failed = await place.runWith({ env }, "rows", "triage.ts", ...options);
    expect(failed.code).toBe(1);
    const [one] = linesOf(failed.output).filter(({ status }) => status === "failed");
    expect(one).toMatchObject({ key: "a", cost: 0, error: { kind: "invalid_request", status: 400 } });
    expect(one.error.message).toContain("No fires, [redacted].");
    const stopped = await place.runWith(
      { env },
      "rows",
      "triage.ts",
      ...options,
      "--max-failures",
      "1",
      "--json",
      "--concurrency",
      "1",
    );
    expect(stopped.code).toBe(4);
    expect(JSON.parse(stopped.output).totals).toMatchObject({ stopped: "failures", failed: 1 });
  });

  test("says what it would cost, and sends nothing", async () => {
    using place = workplace({ "triage.ts": triage, "tickets.jsonl": tickets });
    const { code, output } = await place.run("rows", "triage.ts", ...options, "--estimate", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ rows: 2, live: { least: expect.any(Number) } });
  });

  test.each([
    [["rows", "triage.ts"], "Name the rows: --rows"],
    [["rows", "triage.ts", "--rows", "no.jsonl"], "There is no file no.jsonl."],
    [["rows", "triage.ts", "--rows", "triage.ts"], "ends in .jsonl, .csv or .tsv"],
    [["rows", "triage.ts", "--rows", "tickets.jsonl", "--concurrency", "many"], "--concurrency takes a whole number"],
    [["rows", "triage.ts", "--rows", "tickets.jsonl", "--out", "x.txt"], "--out writes JSON lines"],
    [["rows", "triage.ts", "--rows", "tickets.jsonl", "--key", "nr"], "A row has no nr; it has id, text."],
    [["batch", "triage.ts", "--rows", "tickets.jsonl", "--again", "never"], "--again takes batch, live, fail."],
  ])("misused, says so with code 2: %j", async (args, sentence) => {
    using place = workplace({ "triage.ts": triage, "tickets.jsonl": tickets });
    const { code, errors } = await place.run(...args);
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining(sentence) });
  });
});

const row = { status: "done", value: "yes", cost: 0.0000045, inputTokens: 10, outputTokens: 5, requests: 1 };
