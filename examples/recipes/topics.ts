import { openai } from "callscope/openai";
import * as z from "zod";

export const topicOf = openai.call(
  "gpt-4o-mini",
  { responseModel: z.enum(["billing", "bug", "question"]), callParams: { temperature: 0 } },
  (ticket: string) => `Classify the ticket: ${ticket}`,
);

export const samples = [{ call: topicOf, args: ["I was charged twice."] }];
