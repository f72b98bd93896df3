import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { workplace } from "../../test/support/run-command.ts";

describe("the command", () => {
  test("says what it can do, of itself and of one command, and which version it is", async () => {
    using place = workplace();
    const { code, output } = await place.run("--help");
    expect(code).toBe(0);
    for (const name of ["chat", "run", "rows", "batch", "lock", "lint", "models", "prices", "view", "completion"])
      expect(output).toContain(`\n  ${name} `);
    expect((await place.run("lint", "--help")).output).toContain("--soon DAYS");
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
    expect(await place.run("--version")).toEqual({ code: 0, output: `${version}\n`, errors: "" });
  });

  test.each([
    [
      ["locke"],
      'There is no command "locke"; there are chat, run, rows, batch, lock, lint, models, prices, view, completion.',
    ],
    [["lock", "--chek"], "Unknown option '--chek'. See callscope lock --help."],
    [["lock", "--json", "--github"], "--json and --github exclude each other."],
    [["lint", "--on", "soon"], "--on takes a day"],
    [["lint", "--soon", "1e9"], "--soon takes a number of days"],
    [["prices", "--provider", "openay"], 'No prices of "openay" are known'],
    [["completion", "tcsh"], "Name one shell: callscope completion bash|zsh|fish."],
    [["lock"], "No module exports samples"],
    [["lock", "no.ts"], "There is no module no.ts."],
    [["lock", "--config", "no.ts"], "There is no configuration no.ts."],
  ])("misused, says so on the standard error with code 2: %j", async (args, sentence) => {
    using place = workplace();
    const { code, output, errors } = await place.run(...args);
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(errors).toContain(sentence);
    expect(errors.trimEnd().split("\n")).toHaveLength(1);
  });

  test("lists models and prices by provider and by parts of their names", async () => {
    using place = workplace();
    const models = JSON.parse((await place.run("models", "gpt-4o", "mini", "--provider", "openai", "--json")).output);
    expect(models).toContainEqual(expect.objectContaining({ model: "gpt-4o-mini", contextTokens: 128_000 }));
    for (const { provider, model } of models) expect(`${provider}/${model}`).toMatch(/^openai\/.*gpt-4o.*/);
    const prices = JSON.parse((await place.run("prices", "gpt-4o-mini", "--provider", "openai", "--json")).output);
    const priced = prices.prices.find(({ model }: { model: string }) => model === "gpt-4o-mini");
    expect(priced.rates.input.usd ?? priced.rates.input).toBe(0.15);
    const { output } = await place.run("prices", "gpt-4o-mini", "--provider", "openai");
    expect(output).toMatch(/^openai\s+gpt-4o-mini\s+0\.15\s+0\.075\s+0\.6$/m);
  });
});
