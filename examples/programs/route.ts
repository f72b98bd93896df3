import { Messages } from "callscope";
import { fromUIMessages, uiResponse } from "callscope/http";
import { openai } from "callscope/openai";

const chat = openai.call("gpt-4o-mini", { stream: true }, (posted: unknown) => [
  Messages.system("You answer the customers of a book shop."),
  ...fromUIMessages(posted),
]);

export async function POST(request: Request): Promise<Response> {
  const { messages } = (await request.json()) as { messages: unknown };
  return uiResponse(chat(messages), { signal: request.signal });
}

// What the page's `useChat` posts, and what it reads.
const messages = [{ id: "1", role: "user", parts: [{ type: "text", text: "Are you open on Sundays?" }] }];
const request = new Request("http://localhost/api/chat", { method: "POST", body: JSON.stringify({ messages }) });
const events = (await (await POST(request)).text()).matchAll(/"delta":"(.*?)"/g);
console.log([...events].map(([, delta]) => delta));
