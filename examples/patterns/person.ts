import { createInterface } from "node:readline/promises";
import { type Approval, tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region person
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Asks whoever sits there: a terminal here; a form or a channel of a chat elsewhere. */
async function askPerson(question: string): Promise<string> {
  console.log(question);
  const { value = "" } = await lines.next();
  console.log(`> ${value}`);
  return value;
}
// #endregion

// #region tools
// A tool that asks: the model decides when it needs to know more.
const askClerk = tool({
  name: "ask_clerk",
  description: "Asks a clerk of the shop who can look at the parcel.",
  parameters: z.object({ question: z.string() }),
  call: ({ question }) => askPerson(question),
});
// A tool that must be allowed: the person decides, whatever the model thinks.
const refund = tool({
  name: "refund",
  description: "Gives money for an order back.",
  parameters: z.object({ order: z.string(), usd: z.number() }),
  call: ({ order, usd }) => `$${usd} for ${order} are on their way back.`,
});
// #endregion

// #region agent
const ask = openai.call(
  "gpt-4o-mini",
  { tools: [askClerk, refund] },
  (letter: string) => `Settle the complaint to a book shop: ${letter}`,
);
const agent = toolLoop(ask, { needsApproval: ({ name }) => name === "refund" });

let run = await agent("The book of order A-17 came torn.");
while (run.status === "awaiting_approval") {
  // `run.state` is plain JSON: the answer may come tomorrow, in another process.
  const decisions: Record<string, Approval> = {};
  for (const { id, name, arguments: args } of run.pending) {
    const said = await askPerson(`May I ${name} ${args}?`);
    decisions[id] = said === "yes" ? true : { denied: said }; // the model is told why not
  }
  run = await agent.resume(run.state, decisions);
}
console.log(run.response?.content);
// #endregion
