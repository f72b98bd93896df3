import { TerminalError } from "@restatedev/restate-sdk";
import { connect } from "@restatedev/restate-sdk-clients";
import { expect, test } from "vitest";
import { thrownBy } from "../../test/support/replay.ts";
import { startServer } from "../../test/support/server.ts";
import type { RowOutcome } from "../durable/rows.ts";
import { classify } from "../errors/classify.ts";
import { ConfigError } from "../errors/errors.ts";
import { openai } from "../providers/openai/index.ts";
import { durable, map, rowService, StepError, serviceOptions } from "./index.ts";
import { checkRuntime } from "./runtime.ts";

// What needs no engine; what does is in test/durable.

const say = openai.call("gpt-4o-mini", (text: string) => text);
const service = rowService("say", say);
const json = { "content-type": "application/json" };
const failure = { key: "", name: "RateLimitError", message: "No", kind: "rate_limit", status: 429, retryable: true };
const failed: RowOutcome = { version: 1, run: "an earlier one", used: { requests: 3, cost: 0 }, failure };

test("a runtime on which Restate's SDK would hang is refused with a sentence", () => {
  expect(() => checkRuntime(null, "v20.20.2")).toThrow(
    new ConfigError(
      "callscope/restate needs Node 22 or later (this is v20.20.2, without Promise.withResolvers): Restate's SDK hangs here without a word.",
    ),
  );
  expect(() => checkRuntime(null)).toThrow(process.version);
  checkRuntime();
});

test("a StepError ends an invocation, with the provider's status, and is classified as what it stands for", () => {
  const kept = { ...failure, kind: "rate_limit", retryAfterMs: 7, code: undefined } as const;
  const error = new StepError(kept);
  expect(error).toBeInstanceOf(TerminalError);
  expect(error).toMatchObject({ code: 429, message: "No", failure: kept, metadata: { kind: "rate_limit" } });
  expect(new StepError({ ...kept, status: undefined }).code).toBe(500);
});

test("what is no context, name, call, ingress or service is refused", async () => {
  const ingress = connect({ url: "http://127.0.0.1:1" });
  for (const wrong of [
    () => durable(undefined as never),
    () => durable({ run() {} } as never),
    () => rowService("a b", say),
    () => rowService("a", (() => "x") as never),
    () => map({} as never, service, ["a"]),
    () => map(ingress, say as never, ["a"]),
    () => map(ingress, service, ["a"], { journal: "a.db" } as never),
    () => map(ingress, service, ["a"], { name: "" }),
    () => map(ingress, service, ["a"], { concurrency: 0 }),
  ]) {
    expect(await thrownBy(async () => wrong())).toBeInstanceOf(ConfigError);
  }
});

test("a service has options for slow answers, unless it is told otherwise", () => {
  const own = rowService("own", say, { service: { journalRetention: 1000 } });
  expect((own.service as unknown as { options: object }).options).toEqual({
    ...serviceOptions,
    journalRetention: 1000,
  });
  expect(serviceOptions.idempotencyRetention).toBe(30 * 86_400_000);
  expect(serviceOptions.inactivityTimeout).toBe(900_000);
});

test("an ingress that is away is asked again under the same key; what came earlier is told as resumed", async () => {
  await using server = await startServer((answer) => {
    if (answer.index === 0) answer.reset();
    else if (answer.index === 1) answer.send(503, {}, "");
    else answer.send(200, json, JSON.stringify(failed));
  });
  const rows = [];
  const run = map(connect({ url: server.url }), service, ["a ü"], { name: "n 1", key: (text) => text });
  for await (const row of run) rows.push(row);
  expect(rows).toMatchObject([
    { key: "a ü", status: "failed", resumed: true, requests: 3, error: { failure: { ...failure, key: "a ü" } } },
  ]);
  expect(classify((rows[0] as { error: unknown }).error).kind).toBe("unknown");
  expect(server.requests.map(({ path, headers }) => [path, headers["idempotency-key"]])).toEqual(
    Array(3).fill(["/say/row", "n%201/a%20%C3%BC"]),
  );
  expect(server.requests[0]?.body).toMatchObject({ args: ["a ü"], run: expect.any(String) });
});

test("a row that somebody ended has failed; an ingress that knows no such service ends the run", async () => {
  await using server = await startServer((answer) => {
    const status = answer.request.headers["idempotency-key"]?.includes("gone") ? 404 : 409;
    answer.send(status, json, JSON.stringify({ message: "Cancelled" }));
  });
  const ingress = connect({ url: server.url });
  expect(await map(ingress, service, ["a"], { key: (text) => text })).toMatchObject({
    done: 0,
    failed: 1,
    requests: 0,
  });
  const error = await thrownBy(() => map(ingress, service, ["gone"], { key: (text) => text }));
  expect(error).toMatchObject({ status: 404 });
  // A key too long for a header is known by its hash.
  const long = await thrownBy(() =>
    map(ingress, service, ["x"], { key: () => `gone ${"x".repeat(500)}`, name: "gone" }),
  );
  expect(long).toMatchObject({ status: 404 });
  expect(server.requests.at(-1)?.headers["idempotency-key"]).toMatch(/^gone\/[0-9a-f]{32}$/);
});
