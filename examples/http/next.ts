import { textResponse } from "callscope/http";
import { openai } from "callscope/openai";

// #region next
const recommendBook = openai.call("gpt-4o-mini", { stream: true }, (genre: string) => `Recommend a ${genre} book`);

export async function POST(request: Request): Promise<Response> {
  const { genre } = (await request.json()) as { genre: string };
  return textResponse(recommendBook(genre), { signal: request.signal });
}
// #endregion

const body = JSON.stringify({ genre: "fantasy" });
console.log(await (await POST(new Request("http://localhost/api", { method: "POST", body }))).text());
