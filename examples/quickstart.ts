import { call, Messages } from "callscope";
import { LocalModel, progressBar } from "callscope/local";

// One typed function is one prompt is one call. Without a key it runs on a small model inside this process.
const recommendBook = call("local/default", { stream: true, callParams: { maxTokens: 100 } }, (genre: string) => [
  Messages.system("You are a librarian. You recommend a well-known book by its title and author, in one sentence."),
  Messages.user(`Recommend one classic ${genre} novel, and say why in one sentence.`),
]);

// The first provider whose key is in the environment answers instead.
const models: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: "openai/gpt-4o-mini",
  ANTHROPIC_API_KEY: "anthropic/claude-haiku-4-5",
  MISTRAL_API_KEY: "mistral/mistral-small-latest",
  GEMINI_API_KEY: "gemini/gemini-2.5-flash",
  GROQ_API_KEY: "groq/llama-3.3-70b-versatile",
  CO_API_KEY: "cohere/command-a-03-2025",
};

try {
  const key = Object.keys(models).find((name) => process.env[name]);
  const model = key === undefined ? undefined : models[key];
  const where =
    model === undefined ? { client: new LocalModel({ onProgress: progressBar(process.stderr) }) } : { model };

  const stream = recommendBook.with(where)(process.argv[2] ?? "fantasy");
  for await (const [chunk] of stream) process.stdout.write(chunk.content);

  const { inputTokens, outputTokens, cost, startTime = 0, endTime = 0 } = stream;
  const price = cost === undefined ? "unknown" : `$${cost.toFixed(6)}`;
  const seconds = ((endTime - startTime) / 1000).toFixed(1);
  console.log(
    `\n\nmodel  ${stream.model}\ntokens ${inputTokens} in, ${outputTokens} out\ncost   ${price}\ntime   ${seconds} s`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
