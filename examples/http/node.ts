import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { closeSignal, sendResponse, textResponse } from "callscope/http";
import { openai } from "callscope/openai";

// #region node
const recommendBook = openai.call("gpt-4o-mini", { stream: true }, (genre: string) => `Recommend a ${genre} book`);

const server = createServer(async (_, res) => {
  await sendResponse(await textResponse(recommendBook("fantasy"), { signal: closeSignal(res) }), res);
});
// #endregion

server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
console.log(await (await fetch(`http://127.0.0.1:${port}`)).text());
server.close();
