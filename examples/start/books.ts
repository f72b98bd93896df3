import { retry } from "callscope";
import { openai } from "callscope/openai";

export const recommendBook = openai.call(
  "gpt-4o-mini",
  { stream: true, layers: [retry({ attempts: 3 })] },
  (genre: string) => `Recommend a ${genre} book`,
);
