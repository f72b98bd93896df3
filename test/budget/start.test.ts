import { fileURLToPath } from "node:url";
import { type OutputChunk, rolldown } from "rolldown";
import { expect, test } from "vitest";

const providers = [
  "openai",
  "anthropic",
  "mistral",
  "gemini",
  "vertex",
  "groq",
  "cohere",
  "litellm",
  "azure",
  "bedrock",
];

/** What the import of a module of `src/` loads, without the packages. */
async function loadedBy(path: string): Promise<{ readonly modules: string[]; readonly size: number }> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL(`../../src/${path}`, import.meta.url)),
    platform: "node",
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
    treeshake: false,
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  const chunks = output.filter((one): one is OutputChunk => one.type === "chunk");
  const found = new Set<OutputChunk>();
  const add = (chunk: OutputChunk | undefined) => {
    if (chunk === undefined || found.has(chunk)) return;
    found.add(chunk);
    for (const name of chunk.imports) add(chunks.find(({ fileName }) => fileName === name));
  };
  add(chunks.find(({ isEntry }) => isEntry));
  const modules = [...found].flatMap(({ moduleIds }) => moduleIds.map((id) => id.slice(id.lastIndexOf("/src/") + 5)));
  return { modules, size: [...found].reduce((sum, { code }) => sum + code.length, 0) };
}

// A definition runs none of it: it is loaded by the first call, and a program pays for its source at each start.
test.each(providers)("the import of callscope/%s loads nothing that only a call needs", async (name) => {
  const { modules, size } = await loadedBy(`providers/${name}/index.ts`);
  expect(modules).toContain("call/call.ts");
  expect(modules.filter((id) => /^(?:template|tools|money\/(?!tokens)|json\/(?:partial|find)-json)/.test(id))).toEqual(
    [],
  );
  const later = ["prepare/prepare.ts", "send/send.ts", "send/receive.ts", "read/response.ts", "structured/extract.ts"];
  expect(modules.filter((id) => later.includes(id))).toEqual([]);
  expect(size).toBeLessThan(190_000);
});
