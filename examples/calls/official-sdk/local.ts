// Made by scripts/examples.ts: change it there.

import { findModelFile, local } from "callscope/local";
import { getLlama, LlamaChatSession } from "node-llama-cpp";

// #region sdk
const llama = await getLlama({ gpu: false });
const model = await llama.loadModel({ modelPath: await findModelFile() });
const context = await model.createContext({ contextSize: 512, threads: 1 });
const session = new LlamaChatSession({ contextSequence: context.getSequence() });
console.log(await session.prompt("Recommend a fantasy book", { maxTokens: 12 }));
await llama.dispose();
// #endregion

// #region callscope
const recommendBook = local.call(
  "default",
  { callParams: { maxTokens: 12 } },
  (genre: string) => `Recommend a ${genre} book`,
);
console.log((await recommendBook("fantasy")).content);
// #endregion
