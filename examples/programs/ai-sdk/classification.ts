import { openai } from "@ai-sdk/openai";
import { generateText, Output } from "ai";

const output = Output.choice({ options: ["billing", "bug", "question"] });
const models = [openai.chat("gpt-4o-mini"), openai.chat("gpt-4.1-mini")];

async function classify(ticket: string) {
  let failure: unknown;
  for (const model of models) {
    try {
      return await generateText({ model, output, prompt: `Classify the ticket: ${ticket}` });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

for (const ticket of ["I was charged twice.", "The page stays white."]) {
  const { output, response } = await classify(ticket);
  console.log(`${output}, says ${response.modelId}: ${ticket}`);
}
