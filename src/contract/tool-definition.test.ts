import { expect, test } from "vitest";
import { toWellFormed } from "../json/well-formed.ts";
import { type ToolDefinition, toolForms } from "./tool-definition.ts";

const look: ToolDefinition = {
  name: "look",
  description: "Looks.",
  schema: { type: "object", properties: { day: { enum: ["today"] } } },
  strict: false,
};

test("a tool's form is made once, and shared: its objects are frozen, its arrays are not", () => {
  let made = 0;
  const toForm = toolForms(({ name, schema }) => {
    made++;
    return { name, function: { parameters: structuredClone(schema) } };
  });
  const form = toForm(look);
  expect(toForm(look)).toBe(form);
  expect(toForm({ ...look })).not.toBe(form);
  expect(made).toBe(2);
  expect(Object.isFrozen(form.function.parameters.properties)).toBe(true);
  // With a frozen array in it V8 writes a whole request in four times as long.
  const { day } = form.function.parameters.properties as { day: { enum: string[] } };
  expect(Object.isFrozen(day.enum)).toBe(false);
});

test("what `make` throws is thrown for that tool at each call, and another way to make forms has forms of its own", () => {
  const toForm = toolForms(() => {
    throw new Error("No such tool.");
  });
  expect(() => toForm(look)).toThrow("No such tool.");
  expect(() => toForm(look)).toThrow("No such tool.");
  expect(toolForms(({ name }) => ({ name }))(look)).not.toBe(toolForms(({ name }) => ({ name }))(look));
});

test("[A13] a shared form with half of a surrogate pair is put right, and told, at each call", () => {
  const toForm = toolForms(({ name, description }) => ({ name, description }));
  const broken = toForm({ ...look, description: "Looks \ud83d" });
  for (const _ of ["first", "second"]) {
    let found = 0;
    const request = toWellFormed({ tools: [toForm(look), broken] }, () => found++);
    expect(request).toEqual({
      tools: [
        { name: "look", description: "Looks." },
        { name: "look", description: "Looks \ufffd" },
      ],
    });
    expect(found).toBe(1);
  }
});
