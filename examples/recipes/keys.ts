import { fallback, limit } from "callscope";
import { openai } from "callscope/openai";
import OpenAI from "openai";

// #region clients
const keys = [process.env.OPENAI_API_KEY_EU, process.env.OPENAI_API_KEY_US].filter((key) => key !== undefined);
const accounts = keys.map((apiKey) => ({
  client: new OpenAI({ apiKey, maxRetries: 0 }),
  layers: [limit({ requestsPerMinute: 500 })], // each account has its own limit
}));
// #endregion

// #region tenant
const summarize = openai.call("gpt-4o-mini", (text: string) => `Summarize in one sentence: ${text}`);

/** A tenant stays with one account, whatever process serves it. */
function accountOf(tenant: string) {
  const sum = [...tenant].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return accounts[sum % accounts.length] ?? {};
}

for (const tenant of ["ada", "bob"]) {
  const { content } = await summarize.with(accountOf(tenant))("Vin is a thief who learns that she can burn metals.");
  console.log(tenant, content);
}
// #endregion

// #region fallback
const [first = {}, second = {}] = accounts;
const busy = openai.call("gpt-4.1-mini", (text: string) => `Summarize in one sentence: ${text}`);

// The second key is asked where the first has reached its limit. A key that is refused (401) is an error to be seen.
const either = fallback(busy.with(first), busy.with(second));
const response = await either("Kelsier plans to overthrow an empire.");
console.log("leg", response.leg, "after", response.attempts.length, "refusal:", response.content);
// #endregion
