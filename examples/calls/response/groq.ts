// Made by scripts/examples.ts: change it there.

import { groq } from "callscope/groq";

// #region properties
const recommendBook = groq.call("llama-3.3-70b-versatile", (genre: string) => `Recommend a ${genre} book`);
const response = await recommendBook("fantasy");

console.log(response.content); // the text, also as `${response}`
console.log(response.model, response.id);
console.log(response.finishReasons, response.stopReason); // the provider's words, and common ones
console.log(response.usage); // the SDK's own object
console.log(response.inputTokens, response.outputTokens, response.cachedTokens);
console.log(response.cost, response.costDetails?.entry); // US dollars, and the price they come from
console.log(response.endTime - response.startTime); // milliseconds
console.log(response.fnArgs, response.callParams, response.metadata);
console.log(response.messages, response.callKwargs); // as they were sent
console.log(response.messageParam); // the answer as this provider takes it back
console.log(response.message); // the answer as every provider takes it
// #endregion

// #region original
console.log(response.response); // the very object the SDK gave
console.log(response.response.x_groq?.id); // with all of its types
// #endregion
