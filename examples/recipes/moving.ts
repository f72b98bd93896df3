import { type Message, Messages, prompt } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region shared
const Topic = z.enum(["billing", "bug", "question"]);
const classify = prompt((ticket: string) => `Classify the ticket: ${ticket}`);

const before = openai.call("gpt-4o-mini", { responseModel: Topic })(classify);
const after = anthropic.call("claude-haiku-4-5", { responseModel: Topic, callParams: { max_tokens: 200 } })(classify);
// #endregion

// #region look
// What would be sent, and what it would cost: nothing is sent.
const prepared = await after.prepare("I was charged twice.");
console.log(prepared.provider, "would cost", prepared.estimatedCost, prepared.changes ?? []);
// #endregion

// #region compare
const usd = (cost: number | undefined) => `$${cost?.toFixed(6)}`;

// Both are asked; the old one still answers.
for (const ticket of ["I was charged twice.", "My invoice shows an error."]) {
  const [old, new_] = await Promise.all([before(ticket).withResponse(), after(ticket).withResponse()]);
  const verdict = old.value === new_.value ? "agree" : "differ";
  console.log(`${verdict}: ${old.value} (${usd(old.response.cost)}), ${new_.value} (${usd(new_.response.cost)})`);
}
// #endregion

// #region conversation
// A conversation that was begun with the one goes on with the other.
const history: Message[] = [Messages.user("Recommend a fantasy book")];
history.push((await openai.call("gpt-4o-mini", (past: Message[]) => past)(history)).message);
history.push(Messages.user("Why this one?"));
const goOn = anthropic.call("claude-haiku-4-5", { callParams: { max_tokens: 200 } }, (past: Message[]) => past);
console.log((await goOn(history)).content);
// #endregion
