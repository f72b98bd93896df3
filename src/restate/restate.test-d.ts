// Type tests: compiled, never run. Every line must type-check and every @ts-expect-error must be an error.

import * as restate from "@restatedev/restate-sdk";
import { connect } from "@restatedev/restate-sdk-clients";
import * as z from "zod";
import type { Layer } from "../contract/layer.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import { within } from "../send/scope.ts";
import { durable, map, rowService, serviceOptions } from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};
const Book = z.object({ title: z.string(), author: z.string() });
type Book = { title: string; author: string };
const extract = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => `Extract ${text}`);

// Every kind of handler has what the layer needs.
const handlers = {
  service: async (ctx: restate.Context) => durable(ctx),
  object: async (ctx: restate.ObjectContext) => durable(ctx, { tools: false }),
  workflow: async (ctx: restate.WorkflowContext) =>
    durable(ctx, { tools: ({ name }) => name === "pay", retry: { attempts: 5 } }),
};
assert<Equal<Awaited<ReturnType<typeof handlers.service>>, Layer>>();
restate.service({
  name: "books",
  handlers: { find: (ctx: restate.Context, text: string) => within({ layers: [durable(ctx)] }, () => extract(text)) },
  options: serviceOptions,
});
// @ts-expect-error a client has no steps
durable(connect({ url: "" }));
// @ts-expect-error a misspelt option
durable({} as restate.Context, { tool: false });

const ingress = connect({ url: "http://127.0.0.1:8080" });
const books = rowService("books", extract);
restate.endpoint().bind(books.service);
for await (const row of map(ingress, books, [{ id: "1", text: "Dune" }], {
  key: ({ id }) => id,
  args: ({ text }) => [text],
})) {
  row.key satisfies string;
  if (row.status === "done") assert<Equal<typeof row.value, Book>>();
}
(await map(ingress, books, ["Dune"])).done satisfies number;
// @ts-expect-error arguments are the call's
map(ingress, books, [1], { args: (row) => [row] });
// @ts-expect-error rows that are not the one argument need `args`
map(ingress, books, [1]);
// @ts-expect-error the engine is the journal
map(ingress, books, ["Dune"], { journal: "a.db" });
const agent = rowService("agent", toolLoop(openai.call("m", (text: string) => text)));
for await (const row of map(ingress, agent, ["go"]))
  if (row.status === "done") row.value.conversation satisfies readonly object[];
