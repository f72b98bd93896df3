import { describe, expect, test } from "vitest";
import { ConfigError } from "../errors/errors.ts";
import { forcedTool } from "./forced-tool.ts";
import type { OutputDefinition, ToolDefinition } from "./provider.ts";

const schema = { type: "object", properties: { title: { type: "string" } } };
const output: OutputDefinition = { mode: "tool", name: "Book", description: "A book", schema, strict: false };
const other: ToolDefinition = { name: "look", description: undefined, schema: { type: "object" }, strict: false };
const none = { tools: undefined, choice: undefined, choiceName: "toolChoice" };

describe("the tool that is forced for an answer", () => {
  test("is the output's, and alone where no other is offered", () => {
    const tool = { name: "Book", description: "A book", schema, strict: false };
    expect(forcedTool("any", { output, tools: [] }, none)).toEqual({ tool, isAlone: true });
    expect(forcedTool("any", { output, tools: [] }, { ...none, tools: [] })).toEqual({ tool, isAlone: true });
  });

  test("is not alone beside tools of the call or of callParams", () => {
    expect(forcedTool("any", { output, tools: [other] }, none)).toMatchObject({ isAlone: false });
    expect(forcedTool("any", { output, tools: [] }, { ...none, tools: [{}] })).toMatchObject({ isAlone: false });
  });

  test("is there in mode tool only", () => {
    for (const mode of ["json", "schema"] as const) {
      const asked = { output: { ...output, mode }, tools: [other] };
      expect(forcedTool("any", asked, { ...none, choice: "auto" })).toBeUndefined();
    }
    expect(forcedTool("any", { output: undefined, tools: [other] }, none)).toBeUndefined();
  });

  test("and a choice of the caller's exclude each other", () => {
    const force = () => forcedTool("any", { output, tools: [] }, { ...none, choice: "auto" });
    expect(force).toThrow(ConfigError);
    expect(force).toThrow("any: `toolChoice` and `responseModel` exclude each other");
  });
});
