import { openai } from "callscope/openai";

// #region stream
const recommendBook = openai.call("gpt-4o-mini", { stream: true }, (genre: string) => `Recommend a ${genre} book`);

const stream = recommendBook("fantasy");
for await (const [chunk] of stream) process.stdout.write(chunk.content);
console.log(`\n${stream.model}, ${stream.outputTokens} tokens, $${stream.cost}`);
// #endregion

// #region response
const response = stream.constructCallResponse(); // what the call would have given without `stream`
console.log(response.finishReasons, response.messageParam);
// #endregion

// #region break
const peek = recommendBook("fantasy");
for await (const [chunk] of peek) if (chunk.content !== "") break; // closes the connection
console.log(peek.content, peek.spent);
// #endregion
