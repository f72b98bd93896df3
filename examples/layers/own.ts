import type { Layer } from "callscope";
import { openai } from "callscope/openai";

// #region layer
const timed: Layer = {
  name: "timed",
  async send(request, next) {
    const started = performance.now();
    const received = await next(request.withHeaders({ "x-team": "books" }));
    const { outputTokens, cost } = request.read(received);
    console.log(request.model, request.purpose, outputTokens, cost, performance.now() - started);
    return received;
  },
  async *stream(request, next) {
    let events = 0;
    for await (const event of next(request)) {
      events++;
      yield event;
    }
    console.log(request.model, `${events} events`);
  },
};
const recommendBook = openai.call("gpt-4o-mini", { layers: [timed] }, (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
