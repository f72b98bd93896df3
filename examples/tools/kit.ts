import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolLoop } from "callscope";
import { openai } from "callscope/openai";
import { fetchPage, fileTools, httpRequest, runCode, sandboxProblem, ToolFailure } from "callscope/tools";

const notes = mkdtempSync(join(tmpdir(), "notes-"));
writeFileSync(join(notes, "books.md"), "# To read\nMistborn: The Final Empire\n");

// #region kit
const tools = [fetchPage(), ...fileTools({ root: notes }), runCode()] as const;
const assistant = toolLoop(openai.call("gpt-4o-mini", { tools }, (question: string) => question));

console.log((await assistant("Which book of my notes is the longest?")).response?.content);
// #endregion

// #region web
const page = fetchPage({
  hosts: ["example.org", "*.example.org"], // only these; every public host by default
  timeout: 10_000,
  maxBytes: 500_000,
});
const api = httpRequest({
  hosts: ["api.example.org"],
  methods: ["GET", "POST"],
  // Asked for every address, redirects included: a key goes only where you send it.
  headers: ({ host }): Record<string, string> =>
    host === "api.example.org" ? { authorization: `Bearer ${process.env.API_KEY}` } : {},
});
// #endregion

// #region failure
const inner = await page.call({ url: "http://169.254.169.254/latest/meta-data/" }, { toolCallId: "" });
if (inner instanceof ToolFailure) console.log(inner.code, inner.message); // given to the model, not thrown
// #endregion
console.log(api.name);

// #region files
const [readFile, listDirectory, searchFiles, writeFile] = fileTools({ root: notes, write: true });
const call = { toolCallId: "" };
console.log(await writeFile.call({ path: "done/2026.md", content: "Dune\n" }, call));
console.log(await listDirectory.call({}, call));
console.log(await searchFiles.call({ query: "mistborn" }, call));
console.log(await readFile.call({ path: "../secret.txt" }, call));
// #endregion

// #region code
const problem = await sandboxProblem(); // at the start of the program, so that you know before a model does
if (problem !== undefined) console.log(problem);

const code = runCode({ timeout: 5_000, memory: 256 * 1024 * 1024, maxProcesses: 16 });
console.log(await code.call({ language: "shell", code: "echo $((6 * 7))" }, { toolCallId: "" }));
// #endregion

rmSync(notes, { recursive: true });
