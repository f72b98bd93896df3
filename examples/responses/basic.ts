import { openai } from "callscope/openai";

// #region text
const recommendBook = openai.responses.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);

const response = await recommendBook("fantasy");
console.log(response.content, response.cost);
// #endregion

// #region params
const thorough = openai.responses.call(
  "gpt-5-mini",
  { callParams: { reasoning: { effort: "low" }, tools: [{ type: "web_search" }] } },
  (genre: string) => `Recommend a new ${genre} book`,
);
// #endregion
const prepared = await thorough.prepare("fantasy");
console.log(prepared.request);

// #region kept
const goOn = openai.responses.call("gpt-4o-mini", (question: string, previous: string) => ({
  messages: question,
  callParams: { previous_response_id: previous },
}));

const second = await goOn("Why this one?", response.id ?? "");
console.log(second.content);
// #endregion
