import { image, tool, toolLoop } from "callscope";
import { anthropic } from "callscope/anthropic";
import * as z from "zod";

// Stands for a scanner: a picture of one pixel.
const scan = async (_shelf: number) =>
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );

// #region pictures
const scanShelf = tool({
  name: "scan_shelf",
  description: "Takes a picture of a shelf.",
  parameters: z.object({ shelf: z.number() }),
  call: async ({ shelf }) => [`Shelf ${shelf}:`, image(await scan(shelf))],
});

const ask = anthropic.call("claude-haiku-4-5", { tools: [scanShelf] }, (question: string) => question);
for await (const event of toolLoop(ask)("Which books stand on shelf 3?")) {
  if (event.type === "tool_result" && !event.isError) console.log(event.value[0], event.output.length, "pieces");
  if (event.type === "response") console.log(event.response.content);
}
// #endregion
