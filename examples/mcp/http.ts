import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { connectMcp } from "callscope/mcp";
import { Hono } from "hono";
import { server } from "./server.ts";

// #region http
const app = new Hono();
app.all("/mcp", ({ req }) => server.fetch(req.raw)); // whoever may use it is for you to check before
const listening = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
// #endregion

if (!listening.listening) await new Promise((ready) => listening.once("listening", ready));
const { port } = listening.address() as AddressInfo;
for (const protocol of ["2025-11-25", "2026-07-28"] as const) {
  const books = await connectMcp({ url: `http://127.0.0.1:${port}/mcp` }, { protocol });
  const [find, recommend] = await books.tools();
  console.log(protocol, await find?.call({ isbn: "0-7653-1178-X" }, { toolCallId: "" }));
  console.log(await recommend?.call({ genre: "fantasy" }, { toolCallId: "" }));
  console.log((await books.prompt("compare", { first: "Dune", second: "Emma" }))[0]?.content);
  await books.close();
}
await server.close();
listening.close();

const program = await connectMcp({ command: process.execPath, args: [`${import.meta.dirname}/stdio.ts`] });
console.log((await program.tools()).map(({ name }) => name));
await program.close();
