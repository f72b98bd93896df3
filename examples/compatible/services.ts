import { loadHistory, Messages, saveHistory } from "callscope";
import { compatible } from "callscope/openai";

const prompt = (genre: string) => `Recommend a ${genre} book`;

// #region preset
const ollama = compatible("ollama"); // http://127.0.0.1:11434/v1, without a key
const small = ollama.call("qwen3", prompt);

const openrouter = compatible("openrouter"); // the key in OPENROUTER_API_KEY
const recommendBook = openrouter.call("qwen/qwen3-32b", prompt);

const response = await recommendBook("fantasy");
console.log(response.provider, response.content); // `response.response` is the SDK's ChatCompletion
console.log(response.cost); // what OpenRouter says it charged, in US dollars
// #endregion

// #region own
const house = compatible({
  name: "house",
  baseURL: "https://models.example.com/v1",
  apiKeyFrom: "HOUSE_API_KEY", // or `apiKey`, or neither: then no key is sent
});
const priced = house.call("qwen3", prompt).with({
  prices: { qwen3: { input: 0.1, output: 0.4, cacheRead: 0.1 } }, // US dollars a million tokens
});
// #endregion
console.log((await priced("fantasy")).costDetails?.entry?.source, small.prepare.name);

// #region changed
const gpu = compatible("vllm", { baseURL: "http://gpu.example.com:8000/v1" });
// #endregion

// #region params
/** What the service takes beside OpenAI's parameters. */
interface Reasoning {
  readonly reasoning?: { readonly effort?: "low" | "medium" | "high" };
}
const thinking = compatible<Reasoning>("openrouter");
const thought = thinking.call("qwen/qwen3-32b", { callParams: { reasoning: { effort: "low" } } }, prompt);
const { thinking: thoughts = "none came" } = await thought("fantasy");
console.log(thoughts);
// #endregion

// #region history
const turns = [Messages.user(prompt("fantasy")), response.message];
const saved = JSON.stringify(saveHistory(turns)); // the turn says that it is OpenRouter's
const goOn = gpu.call("qwen3", () => [...loadHistory(JSON.parse(saved)), Messages.user("Another one?")]);
console.log((await goOn()).provider);
// #endregion
