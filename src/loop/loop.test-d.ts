import type { ImagePart, ResultContent } from "../message/parts.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { toolLoop } from "./tool-loop.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

// What a tool gives is typed where a loop tells of it, by the tool's name.
const count = tool({ name: "count", call: async () => ({ copies: 3 }) });
const look = tool({
  name: "look",
  call: (): ["A cat:", ImagePart] => ["A cat:", { type: "image", url: "https://x.y" }],
});
const loop = toolLoop(openai.call("m", { tools: [count, look] }, () => "Hi"));

for await (const event of loop()) {
  if (event.type !== "tool_result") continue;
  assert<Equal<typeof event.output, ResultContent>>();
  if (event.isError) {
    assert<Equal<typeof event.name, string>>();
    // @ts-expect-error an error has no value
    event.value;
    continue;
  }
  assert<Equal<typeof event.name, "count" | "look">>();
  if (event.name === "count") assert<Equal<typeof event.value, { copies: number }>>();
  else assert<Equal<typeof event.value, ["A cat:", ImagePart]>>();
}
