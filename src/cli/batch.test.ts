import { describe, expect, test } from "vitest";
import { startBatches } from "../../test/support/batch-server.ts";
import { imports, workplace } from "../../test/support/run-command.ts";

const triage = `${imports}
export const triage = openai.call("gpt-4o-mini", (text: string) => "Is this urgent? " + text);
`;
const tickets = '{"id":"a","text":"Fire"}\n{"id":"b","text":"Lunch"}\n';
const args = ["batch", "triage.ts", "--rows", "tickets.jsonl", "--arg", "text", "--key", "id", "--journal", "rows.db"];

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .toSorted((one, other) => one.ordinal - other.ordinal);

describe("callscope batch", { timeout: 60_000 }, () => {
  test("hands the rows in, waits for them, and takes them from its journal the next time", async () => {
    await using server = await startBatches();
    using place = workplace({ "triage.ts": triage, "tickets.jsonl": tickets });
    const env = { OPENAI_BASE_URL: server.url };
    const { code, output, errors } = await place.runWith({ env }, ...args, "--poll", "1");
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(linesOf(output)).toEqual([
      { ...row, key: "a", ordinal: 0, args: ["Fire"], value: "IS THIS URGENT? FIRE" },
      { ...row, key: "b", ordinal: 1, args: ["Lunch"], value: "IS THIS URGENT? LUNCH" },
    ]);
    expect(server.batches.map(({ lines }) => lines.map(({ url, body }) => ({ url, body })))).toEqual([
      ["Fire", "Lunch"].map((text) => ({
        url: "/v1/chat/completions",
        body: { model: "gpt-4o-mini", messages: [{ role: "user", content: `Is this urgent? ${text}` }] },
      })),
    ]);
    const asked = server.requests.length;
    const again = await place.runWith({ env }, ...args, "--json");
    expect(again).toMatchObject({ code: 0, errors: "" });
    expect(JSON.parse(again.output)).toMatchObject({
      rows: [{ resumed: true }, { resumed: true }],
      totals: { done: 2, failed: 0, resumed: 2 },
    });
    expect(server.requests).toHaveLength(asked);
  });

  test("rows that failed give the code 1, as lines and as one JSON value", async () => {
    await using server = await startBatches({
      answer: ({ body }) =>
        body.messages[0]?.content.includes("Fire")
          ? { line: { response: { status_code: 400, body: { error: { message: "No fires." } } }, error: null } }
          : undefined,
    });
    using place = workplace({ "triage.ts": triage, "tickets.jsonl": '{"id":"a","text":"Fire"}\n' });
    const env = { OPENAI_BASE_URL: server.url };
    const { code, output } = await place.runWith({ env }, ...args, "--poll", "1", "--json");
    expect(code).toBe(1);
    const { rows, totals } = JSON.parse(output);
    expect(rows).toMatchObject([{ key: "a", status: "failed", cost: 0, error: { kind: "invalid_request" } }]);
    expect(rows[0].error.message).toContain("No fires.");
    expect(totals).toMatchObject({ done: 0, failed: 1 });
  });

  test.each([
    [["batch", "triage.ts"], "Name the rows: --rows"],
    [["batch", "triage.ts", "--rows", "tickets.jsonl", "--poll", "soon"], "--poll takes a whole number"],
  ])("misused, says so with code 2 and sends nothing: %j", async (words, sentence) => {
    await using server = await startBatches();
    using place = workplace({ "triage.ts": triage, "tickets.jsonl": tickets });
    const { code, output, errors } = await place.runWith({ env: { OPENAI_BASE_URL: server.url } }, ...words);
    expect({ code, output, errors }).toEqual({ code: 2, output: "", errors: expect.stringContaining(sentence) });
    expect(server.requests).toEqual([]);
  });
});

const row = { status: "done", resumed: false, cost: 0.00000225, inputTokens: 10, outputTokens: 5, requests: 1 };
