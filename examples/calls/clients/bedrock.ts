// Made by scripts/examples.ts: change it there.

import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { bedrock } from "callscope/bedrock";

// #region static
const recommendBook = bedrock.call(
  "us.amazon.nova-lite-v1:0",
  { client: new BedrockRuntimeClient({ maxAttempts: 1 }) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new BedrockRuntimeClient({ region: "eu-central-1" });

const perGenre = bedrock.call(
  "us.amazon.nova-lite-v1:0",
  (genre: string): bedrock.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
