// Type tests: compiled, never run. Every line must type-check and every @ts-expect-error must be an error.

import * as z from "zod";
import { call as anyCall } from "../any-provider.ts";
import { fallback } from "../combine/fallback.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import type { CallResponse } from "../read/response.ts";
import { tool } from "../tools/tool.ts";
import { batch, type Totals } from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};
const Book = z.object({ title: z.string(), author: z.string() });
type Book = { title: string; author: string };
const extract = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => `Extract ${text}`);
const byClaude = anthropic.call("claude-haiku-4-5", { responseModel: Book }, (text: string) => `Extract ${text}`);
const rows = [{ id: "1", text: "Dune by Frank Herbert" }];
const args = (row: { text: string }): [text: string] => [row.text];

const run = batch(extract, rows, { key: (row) => row.id, args: (row) => [row.text], journal: "nightly.db" });
for await (const row of run) if (row.status === "done") assert<Equal<typeof row.value, Book>>();
(await run.cancel()) satisfies Totals;
for await (const row of batch(
  openai.call("m", (text: string) => text),
  ["a"],
))
  if (row.status === "done") row.value satisfies CallResponse;
batch(
  anyCall("openai/gpt-4o-mini", { responseModel: Book }, (text: string) => text),
  rows,
  { args, again: "live" },
);
batch(extract, ["a"], { adopt: "resubmit", limits: { requests: 3 }, poll: 60_000 });
batch(extract, rows, { args, role: "arn", bucket: "b" });
// @ts-expect-error a fallback is not batched
batch(fallback(extract, byClaude), rows, { args });
const streamed = openai.call("m", { stream: true }, (text: string) => text);
// @ts-expect-error nor a call that streams
batch(streamed, rows, { args });
const count = tool({ name: "count", parameters: Book, call: ({ title }) => title.length });
const loop = toolLoop(openai.call("m", { tools: [count] }, (text: string) => text));
// @ts-expect-error nor a tool loop
batch(loop, rows, { args });
// @ts-expect-error arguments are the call's
batch(extract, rows, { args: (row) => [row.id.length] });
// @ts-expect-error rows that are not the one argument need `args`
batch(extract, rows, {});
// @ts-expect-error no such place
batch(extract, rows, { args, again: "later" });
