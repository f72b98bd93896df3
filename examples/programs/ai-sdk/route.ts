import { openai } from "@ai-sdk/openai";
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  safeValidateUIMessages,
  streamText,
  toUIMessageStream,
} from "ai";

export async function POST(request: Request): Promise<Response> {
  const { messages } = (await request.json()) as { messages: unknown };
  const posted = await safeValidateUIMessages({ messages });
  if (!posted.success) return Response.json({ error: "These are no messages." }, { status: 400 });
  const result = streamText({
    model: openai.chat("gpt-4o-mini"),
    instructions: "You answer the customers of a book shop.",
    messages: await convertToModelMessages(posted.data),
    abortSignal: request.signal,
  });
  return createUIMessageStreamResponse({ stream: toUIMessageStream({ stream: result.stream }) });
}

// What the page's `useChat` posts, and what it reads.
const messages = [{ id: "1", role: "user", parts: [{ type: "text", text: "Are you open on Sundays?" }] }];
const request = new Request("http://localhost/api/chat", { method: "POST", body: JSON.stringify({ messages }) });
const events = (await (await POST(request)).text()).matchAll(/"delta":"(.*?)"/g);
console.log([...events].map(([, delta]) => delta));
