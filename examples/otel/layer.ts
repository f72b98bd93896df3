import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { openai } from "callscope/openai";
import { otel } from "callscope/otel";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

// #region layer
const tracer = provider.getTracer("books");
const recommendBook = openai.call(
  "gpt-4o-mini",
  { layers: [otel({ tracer })], callParams: { temperature: 0.7 } },
  (genre: string) => `Recommend a ${genre} book`,
);
await recommendBook("fantasy");

for (const { name, attributes } of exporter.getFinishedSpans()) {
  console.log(name, attributes["gen_ai.provider.name"], attributes["gen_ai.request.temperature"]);
  console.log(attributes["gen_ai.response.finish_reasons"], attributes["callscope.cost.usd"]);
}
// #endregion
