import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { tool, toolLoop } from "callscope";
import { openai } from "callscope/openai";
import { instrument } from "callscope/otel";
import * as z from "zod";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

// #region process
const end = instrument({ tracer: provider.getTracer("books"), content: true });

const getBookInfo = tool({
  name: "get_book_info",
  description: "Looks up a book by its ISBN.",
  parameters: z.object({ isbn: z.string() }),
  call: ({ isbn }) => ({ isbn, title: "Mistborn: The Final Empire", author: "Brandon Sanderson" }),
});
const askAboutBook = openai.call("gpt-4o-mini", { tools: [getBookInfo] }, (isbn: string) => `Who wrote ${isbn}?`);
await toolLoop(askAboutBook)("0-7653-1178-X");
end();

for (const { name, attributes } of exporter.getFinishedSpans()) {
  console.log(name, attributes["gen_ai.tool.call.arguments"] ?? "");
}
// #endregion
