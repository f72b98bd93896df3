import { type Message, Messages, tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

const refund = tool({
  name: "refund",
  description: "Gives the money for an order back.",
  parameters: z.object({ order: z.string(), usd: z.number() }),
  call: ({ order, usd }) => `$${usd} for ${order} are on their way back.`,
});

const chat = openai.call("gpt-4o-mini", { tools: [refund] }, (past: readonly Message[], text: string) => [
  Messages.system("You answer the customers of a book shop."),
  ...past,
  Messages.user(text),
]);
const agent = toolLoop(chat, { needsApproval: ({ name }) => name === "refund" });

/** Asks whoever may decide: a form, a channel of a chat, a terminal. */
function approve(name: string, args: string): boolean {
  console.log(`May I? ${name} ${args}`);
  return true;
}

let past: readonly Message[] = [];
for (const text of ["Order A-17 never came, I want my 30 dollars back.", "How much was that?"]) {
  let turn = await agent(past, text);
  while (turn.status === "awaiting_approval") {
    const decisions = turn.pending.map((call) => [call.id, approve(call.name, call.arguments)]);
    turn = await agent.resume(turn.state, Object.fromEntries(decisions));
  }
  console.log(turn.response?.content);
  past = turn.conversation;
}
