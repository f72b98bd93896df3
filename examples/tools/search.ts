import { openai } from "callscope/openai";
import { type SearchService, webSearch } from "callscope/tools";

// #region search
/** Brave's search API (https://api-dashboard.search.brave.com/documentation), whose key is in the environment. */
const brave: SearchService = async (query, { count, signal }) => {
  const url = new URL("https://api.search.brave.com/res/v1/web/search");
  url.search = new URLSearchParams({ q: query, count: String(count) }).toString();
  const headers = { accept: "application/json", "x-subscription-token": process.env.BRAVE_API_KEY ?? "" };
  const response = await fetch(url, { headers, signal });
  if (!response.ok) throw new Error(`The search answered ${response.status}.`);
  const found = (await response.json()) as {
    web?: { results?: { title: string; url: string; description: string }[] };
  };
  return (found.web?.results ?? []).map(({ title, url, description }) => ({ title, url, snippet: description }));
};

const search = webSearch({ search: brave, count: 3 });
const ask = openai.call("gpt-4o-mini", { tools: [search] }, (question: string) => question);
// #endregion

console.log((await ask("Who wrote Mistborn?")).tools ?? "no search was needed");
console.log(await search.call({ queries: ["Mistborn author"] }, { toolCallId: "" }));
