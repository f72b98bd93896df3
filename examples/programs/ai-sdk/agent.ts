import { openai } from "@ai-sdk/openai";
import { type ModelMessage, ToolLoopAgent, tool } from "ai";
import * as z from "zod";

const refund = tool({
  description: "Gives the money for an order back.",
  inputSchema: z.object({ order: z.string(), usd: z.number() }),
  execute: ({ order, usd }) => `$${usd} for ${order} are on their way back.`,
});

const agent = new ToolLoopAgent({
  model: openai.chat("gpt-4o-mini"),
  instructions: "You answer the customers of a book shop.",
  tools: { refund },
  toolApproval: { refund: "user-approval" },
});

/** Asks whoever may decide: a form, a channel of a chat, a terminal. */
function approve(name: string, args: string): boolean {
  console.log(`May I? ${name} ${args}`);
  return true;
}

const messages: ModelMessage[] = [];
for (const text of ["Order A-17 never came, I want my 30 dollars back.", "How much was that?"]) {
  messages.push({ role: "user", content: text });
  while (true) {
    const result = await agent.generate({ messages });
    messages.push(...result.responseMessages);
    const requests = result.content.filter((part) => part.type === "tool-approval-request");
    if (requests.length === 0) {
      console.log(result.text);
      break;
    }
    const content = requests.map(({ approvalId, toolCall }) => ({
      type: "tool-approval-response" as const,
      approvalId,
      approved: approve(toolCall.toolName, JSON.stringify(toolCall.input)),
    }));
    messages.push({ role: "tool", content });
  }
}
