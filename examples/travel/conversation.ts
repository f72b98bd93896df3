import { loadHistory, type Message, Messages, saveHistory, thinkingAsText } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";

// #region travel
const askGpt = openai.call("gpt-4o-mini", (history: Message[]) => history);
const askClaude = anthropic.call("claude-haiku-4-5", (history: Message[]) => history);

const history: Message[] = [Messages.system("You are a librarian."), Messages.user("Recommend a fantasy book")];
history.push((await askGpt(history)).message);

history.push(Messages.user("Why this one?"));
const second = await askClaude(history); // the first turn in Claude's form
history.push(second.message);
console.log(second.content);
// #endregion

// #region history
const stored = JSON.stringify(saveHistory(history));
const restored = loadHistory(JSON.parse(stored));
restored.push(Messages.user("And a shorter one?"));
console.log((await askGpt(restored)).content);
// #endregion

// #region thinking
const readable = thinkingAsText(restored); // thoughts as text, where they would be left out
// #endregion
console.log(readable.length);
