import { call } from "callscope";

// #region call
const model = process.env.MODEL ?? "openai/gpt-4o-mini";
const recommendBook = call(
  model,
  { callParams: { maxTokens: 512, temperature: 0 } },
  (genre: string) => `Recommend a ${genre} book`,
);

const response = await recommendBook("fantasy");
console.log(response.provider, response.content, response.cost);
// #endregion

// #region move
const byClaude = recommendBook.with({ model: "anthropic/claude-haiku-4-5" });
// #endregion
const prepared = await recommendBook.with({ model: "gemini/gemini-2.5-flash" }).prepare("fantasy");
console.log(prepared.request, (await byClaude.with({ callParams: { maxTokens: 64 } }).prepare("x")).provider);
