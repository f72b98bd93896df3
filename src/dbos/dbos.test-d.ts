// Type tests: compiled, never run. Every line must type-check and every @ts-expect-error must be an error.

import { DBOS, DBOSClient } from "@dbos-inc/dbos-sdk";
import * as z from "zod";
import { openai } from "../providers/openai/index.ts";
import { within } from "../send/scope.ts";
import { durable, map, rowWorkflow } from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};
const Book = z.object({ title: z.string(), author: z.string() });
type Book = { title: string; author: string };
const extract = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => `Extract ${text}`);

const find = DBOS.registerWorkflow((text: string) => within({ layers: [durable()] }, () => extract(text)), {
  name: "f",
});
assert<Equal<Awaited<ReturnType<typeof find>>, Book>>();
durable({ retry: false, tools: false });
// @ts-expect-error there is no context
durable(DBOS, {});
// @ts-expect-error the classes of a retry are for `retry()`
durable({ retry: { when: "server" } });

const books = rowWorkflow("books", extract);
const client = await DBOSClient.create({ systemDatabaseUrl: "" });
for await (const row of map(books, ["Dune"], { client, concurrency: 50 })) {
  if (row.status === "done") assert<Equal<typeof row.value, Book>>();
}
(await map(books, [{ id: 1 }], { args: ({ id }) => [`${id}`] })).cost satisfies number | undefined;
// @ts-expect-error arguments are the call's
map(books, [1], { args: (row) => [row] });
// @ts-expect-error the engine is the journal
map(books, ["Dune"], { journal: "a.db" });
