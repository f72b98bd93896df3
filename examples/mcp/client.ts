import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Messages, toolLoop } from "callscope";
import { connectMcp } from "callscope/mcp";
import { openai } from "callscope/openai";

const notes = realpathSync(mkdtempSync(join(tmpdir(), "notes-")));
writeFileSync(join(notes, "books.md"), "# To read\nMistborn: The Final Empire\n");

// #region tools
// A program, spoken to over its standard input and output; { url } is one at an address.
const files = await connectMcp(
  { command: "npx", args: ["@modelcontextprotocol/server-filesystem", notes] },
  { prefix: "files" },
);

const ask = openai.call("gpt-4o-mini", async (question: string) => ({
  messages: question,
  tools: await files.tools(), // as they are now: a list that changed is asked for anew
}));
console.log((await toolLoop(ask)("Which book is on my list?")).response?.content);
// #endregion

const readText = (await files.tools()).find(({ listed }) => listed.name === "read_text_file");
console.log(readText?.name, await readText?.call({ path: join(notes, "books.md") }, { toolCallId: "" }));
await files.close();

const logged: string[] = [];
// #region messages
const demo = await connectMcp(
  { command: "npx", args: ["@modelcontextprotocol/server-everything"] },
  {
    only: ["echo", "get-sum"],
    onProgress: (name, { progress, total }) => logged.push(`${name}: ${progress} of ${total}`),
  },
);

const [page] = await demo.resources();
const explain = openai.call("gpt-4o-mini", async (uri: string) => [
  Messages.system("You explain documents."), // yours alone: a server writes none
  await demo.resource(uri),
  ...(await demo.prompt("args-prompt", { city: "Oxford" })),
]);
console.log((await explain(page?.uri ?? "")).content);
await demo.close(); // ends the program; or `await using demo = …`
// #endregion
console.log(logged.length);
rmSync(notes, { recursive: true });
