import { closeSignal, sendResponse, textResponse } from "callscope/http";
import { openai } from "callscope/openai";
import fastify from "fastify";

// #region fastify
const recommendBook = openai.call("gpt-4o-mini", { stream: true }, (genre: string) => `Recommend a ${genre} book`);

const app = fastify();
app.get<{ Params: { genre: string } }>("/books/:genre", async (request, reply) => {
  reply.hijack(); // the response is written by sendResponse
  const signal = closeSignal(reply.raw);
  await sendResponse(await textResponse(recommendBook(request.params.genre), { signal }), reply.raw);
});
// #endregion

const address = await app.listen({ port: 0, host: "127.0.0.1" });
console.log(await (await fetch(`${address}/books/fantasy`)).text());
await app.close();
