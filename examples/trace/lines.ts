import { openai } from "callscope/openai";
import { trace } from "callscope/trace";

// #region lines
const lines: string[] = [];
const layer = trace({ write: (line) => void lines.push(line) }); // or trace("traces/books.jsonl")
const recommendBook = openai.call("gpt-4o-mini", { layers: [layer] }, (genre: string) => `Recommend a ${genre} book`);
await recommendBook("fantasy");
await layer.flush();

for (const line of lines) {
  const { type, phase, id, parent, outputTokens, cost } = JSON.parse(line);
  console.log(type, phase, id, parent, outputTokens, cost);
}
// #endregion
