import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { closeSignal, sendResponse, textResponse } from "callscope/http";
import { openai } from "callscope/openai";
import express from "express";

// #region express
const recommendBook = openai.call("gpt-4o-mini", { stream: true }, (genre: string) => `Recommend a ${genre} book`);

const app = express();
app.get("/books/:genre", async (req, res) => {
  await sendResponse(await textResponse(recommendBook(req.params.genre), { signal: closeSignal(res) }), res);
});
// #endregion

const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
console.log(await (await fetch(`http://127.0.0.1:${port}/books/fantasy`)).text());
server.close();
