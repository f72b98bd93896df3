import { createServer } from "node:http";
import { closeSignal, sendResponse, textResponse } from "callscope/http";
import { recommendBook } from "./books.ts";

const server = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url ?? "/", "http://localhost");
  const stream = recommendBook(searchParams.get("genre") ?? "fantasy");
  await sendResponse(await textResponse(stream, { signal: closeSignal(response) }), response);
});

server.listen(Number(process.env.PORT ?? 3000));
