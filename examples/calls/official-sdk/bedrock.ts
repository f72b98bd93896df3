// Made by scripts/examples.ts: change it there.

import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { bedrock } from "callscope/bedrock";

// #region sdk
const client = new BedrockRuntimeClient();
const answer = await client.send(
  new ConverseCommand({
    modelId: "us.amazon.nova-lite-v1:0",
    messages: [{ role: "user", content: [{ text: "Recommend a fantasy book" }] }],
  }),
);
console.log(answer.output?.message?.content?.map(({ text }) => text).join(""));
// #endregion

// #region callscope
const recommendBook = bedrock.call("us.amazon.nova-lite-v1:0", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
