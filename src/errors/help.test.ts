import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { ConfigError } from "./errors.ts";
import { docsAddress, helpPage, linkMessage } from "./help.ts";

const root = resolve(import.meta.dirname, "../..");

test("without an address of the documentation a message has no link", () => {
  expect(docsAddress).toBe("");
  expect(helpPage("config")).toBeUndefined();
  const error = new ConfigError("No such option.");
  expect(error.message).toBe("No such option.");
  expect(error.help).toBeUndefined();
  expect(Object.getOwnPropertyDescriptor(error, "message")?.get).toBeUndefined();
});

test("with one it ends with the page of its code", () => {
  const error = new ConfigError("No such option.");
  linkMessage(error, "https://docs.example.com/");
  expect(error.message).toBe("No such option. https://docs.example.com/errors/config.html");
  expect(JSON.parse(JSON.stringify(error)).message).toBe(error.message);
  expect(Object.keys(error)).not.toContain("message");
});

test("a message that somebody else wrote stays as it is", () => {
  const error = Object.assign(new Error("The disk is full."), { code: "mcp_tool" });
  linkMessage(error, "https://docs.example.com/");
  expect(error.message).toBe("The disk is full.");
});

test("every code has a page, and every page a code", () => {
  const files = globSync("src/**/*.ts", { cwd: root, exclude: ["**/*.test.ts", "**/*.test-d.ts"] });
  const classes = files
    .map((file) => readFileSync(join(root, file), "utf8"))
    .filter((text) => text.includes("extends CallscopeError"));
  const codes = classes.flatMap((text) => [...text.matchAll(/readonly code(?: = |: )([^;]*);/g)].map(([, to]) => to));
  const literals = codes.flatMap((to = "") => [...to.matchAll(/"(\w+)"/g)].map(([, code]) => code as string));
  // Made of another type.
  const batches = ["failed", "expired", "cancelled", "missing"].map((fault) => `batch_${fault}`);
  const all = [...new Set([...literals, ...batches])].sort();
  for (const code of all) expect(existsSync(join(root, `docs/errors/${code}.md`)), code).toBe(true);
  const pages = globSync("docs/errors/*.md", { cwd: root }).map((file) => file.slice("docs/errors/".length, -3));
  expect(pages.filter((page) => page !== "index").sort()).toEqual(all);
});
