import { Messages } from "callscope";
import { eventResponse, fromUIMessages, textResponse, uiResponse } from "callscope/http";
import { openai } from "callscope/openai";
import { Hono } from "hono";

// #region hono
const recommendBook = openai.call("gpt-4o-mini", { stream: true }, (genre: string) => `Recommend a ${genre} book`);
const app = new Hono();

app.get("/books/:genre", ({ req }) => textResponse(recommendBook(req.param("genre")), { signal: req.raw.signal }));
app.get("/events/:genre", ({ req }) => eventResponse(recommendBook(req.param("genre")), { signal: req.raw.signal }));
// #endregion

// #region ui
const chat = openai.call("gpt-4o-mini", { stream: true }, (past: ReturnType<typeof fromUIMessages>) => [
  Messages.system("You are a librarian."),
  ...past,
]);

// What the page's `useChat` posts, and what it reads.
app.post("/api/chat", async ({ req }) => {
  const { messages } = await req.json<{ messages: unknown }>();
  return uiResponse(chat(fromUIMessages(messages)), { signal: req.raw.signal });
});
// #endregion

const question = { id: "1", role: "user", parts: [{ type: "text", text: "Recommend a fantasy book" }] };
const posted = {
  method: "POST",
  body: JSON.stringify({ id: "chat", messages: [question], trigger: "submit-message" }),
};
console.log(await (await app.request("/books/fantasy")).text());
console.log((await (await app.request("/events/fantasy")).text()).split("\n\n")[0]);
console.log((await (await app.request("/api/chat", posted)).text()).trim().split("\n\n").at(-1));
