import { expect, test } from "vitest";
import { thrownBy } from "../../test/support/replay.ts";
import { ConfigError } from "../errors/errors.ts";
import { openai } from "../providers/openai/index.ts";
import { durable, map, rowWorkflow, StepError } from "./index.ts";

// What needs no engine; what does is in test/durable.

const say = openai.call("gpt-4o-mini", (text: string) => text);

test("outside of a workflow there are no steps", () => {
  expect(() => durable()).toThrow(ConfigError);
  expect(() => durable()).toThrow(/registerWorkflow/);
});

test("what is no name, call or workflow is refused", async () => {
  const known = rowWorkflow("known", say);
  for (const wrong of [
    () => rowWorkflow("", say),
    () => rowWorkflow("other", (() => "x") as never),
    () => map(say as never, ["a"]),
    () => map(known, ["a"], { journal: "a.db" } as never),
    () => map(known, ["a"], { concurrency: 1.5 }),
    () => map(known, ["a"], { name: "" }),
  ]) {
    expect(await thrownBy(async () => wrong())).toBeInstanceOf(ConfigError);
  }
  // DBOS is not launched: the run ends with what it says, and not as so many failed rows.
  expect(await thrownBy(() => map(known, ["a", "b"]))).toMatchObject({ message: expect.stringMatching(/launch/) });
});

test("a StepError tells what it stands for", () => {
  const failure = {
    name: "BadRequestError",
    message: "400 No",
    kind: "invalid_request",
    status: 400,
    retryAfterMs: undefined,
    retryable: false,
    code: undefined,
  } as const;
  const error = new StepError(failure);
  expect(error).toMatchObject({ name: "StepError", code: "step", message: "400 No", failure });
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ failure: { status: 400 } });
});
