import type { ProviderRow } from "./example-row.ts";

// What differs between the providers in the examples of a call, and nothing else: names, and each SDK's own words.

const question = "Recommend a fantasy book";
const genreQuestion = `Recommend a \${genre} book`;
const userTurn = `{ role: "user", content: "${question}" }`;

const chatCall = (client: string, model: string) => `const client = ${client};
const completion = await client.chat.completions.create({
  model: "${model}",
  messages: [${userTurn}],
});
console.log(completion.choices[0]?.message.content);`;

const developer = `{ role: "developer", content: "Answer in one line." }, { role: "user", content: \`${genreQuestion}\` }`;
const parts = `{ role: "user", parts: [{ text: \`${genreQuestion}\` }] }`;

const importOpenAI = `import OpenAI from "openai";`;
const importGroq = `import Groq from "groq-sdk";`;
const importGoogle = `import { GoogleGenAI } from "@google/genai";`;
const isOpenAIError = "error instanceof OpenAI.APIError";

const azureClient = `new OpenAI({ apiKey: process.env.AZURE_OPENAI_API_KEY, baseURL: \`\${process.env.AZURE_OPENAI_ENDPOINT}/openai/v1/\` })`;
const proxyClient = "new OpenAI({ apiKey: process.env.LITELLM_API_KEY, baseURL: process.env.LITELLM_BASE_URL })";

const googleCall = (client: string, model: string) => `const client = ${client};
const generated = await client.models.generateContent({ model: "${model}", contents: "${question}" });
console.log(generated.text);`;

/** All providers, in the order of the documentation. */
export const rows: readonly ProviderRow[] = [
  {
    name: "openai",
    title: "OpenAI",
    package: "openai",
    key: "OPENAI_API_KEY",
    model: "gpt-4o-mini",
    sdk: { imports: importOpenAI, call: chatCall("new OpenAI()", "gpt-4o-mini") },
    own: "response.response.system_fingerprint",
    params: `{ max_completion_tokens: 512, prompt_cache_key: "librarian" }`,
    limited: "{ max_completion_tokens: 256 }",
    native: developer,
    client: { imports: importOpenAI, make: "new OpenAI({ maxRetries: 0 })", other: "new OpenAI({ timeout: 20_000 })" },
    error: { imports: importOpenAI, is: isOpenAIError },
  },
  {
    name: "anthropic",
    title: "Anthropic",
    package: "@anthropic-ai/sdk",
    key: "ANTHROPIC_API_KEY",
    model: "claude-haiku-4-5",
    sdk: {
      imports: `import Anthropic from "@anthropic-ai/sdk";`,
      call: `const client = new Anthropic();
const message = await client.messages.create({
  model: "claude-haiku-4-5",
  max_tokens: 1024,
  messages: [${userTurn}],
});
console.log(message.content.map((block) => (block.type === "text" ? block.text : "")).join(""));`,
    },
    own: "response.response.stop_sequence",
    params: `{ max_tokens: 2048, thinking: { type: "enabled", budget_tokens: 1024 } }`,
    limited: "{ max_tokens: 256 }",
    native: `{
      role: "user",
      content: [{ type: "text", text: "You know every library.", cache_control: { type: "ephemeral" } }],
    },
    { role: "user", content: \`${genreQuestion}\` }`,
    client: {
      imports: `import Anthropic from "@anthropic-ai/sdk";`,
      make: "new Anthropic({ maxRetries: 0 })",
      other: "new Anthropic({ timeout: 20_000 })",
    },
    error: { imports: `import Anthropic from "@anthropic-ai/sdk";`, is: "error instanceof Anthropic.APIError" },
  },
  {
    name: "mistral",
    title: "Mistral",
    package: "@mistralai/mistralai",
    key: "MISTRAL_API_KEY",
    model: "mistral-small-latest",
    sdk: {
      imports: `import { Mistral } from "@mistralai/mistralai";`,
      call: `const client = new Mistral({ apiKey: process.env.MISTRAL_API_KEY ?? "" });
const completion = await client.chat.complete({
  model: "mistral-small-latest",
  messages: [${userTurn}],
});
console.log(completion.choices?.[0]?.message?.content);`,
    },
    own: "response.response.object",
    params: "{ maxTokens: 512, safePrompt: true }",
    limited: "{ maxTokens: 256 }",
    native: `{ role: "user", content: \`${genreQuestion}\` }, { role: "assistant", content: "Read ", prefix: true }`,
    client: {
      imports: `import { Mistral } from "@mistralai/mistralai";`,
      make: `new Mistral({ apiKey: process.env.MISTRAL_API_KEY ?? "" })`,
      other: `new Mistral({ apiKey: process.env.MISTRAL_API_KEY ?? "", timeoutMs: 20_000 })`,
    },
    error: {
      imports: `import { MistralError } from "@mistralai/mistralai/models/errors";`,
      is: "error instanceof MistralError",
    },
  },
  {
    name: "gemini",
    title: "Gemini",
    package: "@google/genai",
    key: "GEMINI_API_KEY",
    model: "gemini-2.5-flash",
    sdk: { imports: importGoogle, call: googleCall("new GoogleGenAI({})", "gemini-2.5-flash") },
    own: "response.response.modelVersion",
    params: "{ maxOutputTokens: 512, thinkingConfig: { thinkingBudget: 0 } }",
    limited: "{ maxOutputTokens: 256 }",
    native: parts,
    client: {
      imports: importGoogle,
      make: "new GoogleGenAI({})",
      other: "new GoogleGenAI({ httpOptions: { timeout: 20_000 } })",
    },
    error: { imports: `import { ApiError } from "@google/genai";`, is: "error instanceof ApiError" },
  },
  {
    name: "vertex",
    title: "Vertex AI",
    package: "@google/genai",
    key: "GOOGLE_CLOUD_PROJECT, GOOGLE_CLOUD_LOCATION and Google's default credentials, or GOOGLE_API_KEY",
    model: "gemini-2.5-flash",
    sdk: { imports: importGoogle, call: googleCall("new GoogleGenAI({ enterprise: true })", "gemini-2.5-flash") },
    own: "response.response.createTime",
    params: `{ maxOutputTokens: 512, labels: { team: "library" } }`,
    limited: "{ maxOutputTokens: 256 }",
    native: parts,
    client: {
      imports: importGoogle,
      make: "new GoogleGenAI({ enterprise: true })",
      other: "new GoogleGenAI({ enterprise: true, httpOptions: { timeout: 20_000 } })",
    },
    error: { imports: `import { ApiError } from "@google/genai";`, is: "error instanceof ApiError" },
  },
  {
    name: "groq",
    title: "Groq",
    package: "groq-sdk",
    key: "GROQ_API_KEY",
    model: "llama-3.3-70b-versatile",
    sdk: { imports: importGroq, call: chatCall("new Groq()", "llama-3.3-70b-versatile") },
    own: "response.response.x_groq?.id",
    params: `{ max_completion_tokens: 512, service_tier: "auto" }`,
    limited: "{ max_completion_tokens: 256 }",
    native: `{ role: "user", name: "reader", content: \`${genreQuestion}\` }`,
    client: { imports: importGroq, make: "new Groq({ maxRetries: 0 })", other: "new Groq({ timeout: 20_000 })" },
    error: { imports: importGroq, is: "error instanceof Groq.APIError" },
  },
  {
    name: "cohere",
    title: "Cohere",
    package: "cohere-ai",
    key: "CO_API_KEY",
    model: "command-a-03-2025",
    sdk: {
      imports: `import { CohereClientV2 } from "cohere-ai";`,
      call: `const client = new CohereClientV2({});
const chat = await client.chat({
  model: "command-a-03-2025",
  messages: [${userTurn}],
});
console.log(chat.message.content?.map((item) => (item.type === "text" ? item.text : "")).join(""));`,
    },
    own: "response.response.logprobs",
    params: `{ maxTokens: 512, safetyMode: "CONTEXTUAL" }`,
    limited: "{ maxTokens: 256 }",
    native: `{
      role: "user",
      content: [
        { type: "text", text: \`A \${genre} book with a cover like this one?\` },
        { type: "image_url", imageUrl: { url: "https://example.com/cover.png" } },
      ],
    }`,
    client: {
      imports: `import { CohereClientV2 } from "cohere-ai";`,
      make: "new CohereClientV2({ maxRetries: 0 })",
      other: "new CohereClientV2({ timeoutInSeconds: 20 })",
    },
    error: { imports: `import { CohereError } from "cohere-ai";`, is: "error instanceof CohereError" },
  },
  {
    name: "litellm",
    title: "LiteLLM",
    package: "openai",
    key: "LITELLM_BASE_URL and LITELLM_API_KEY",
    model: "gpt-4o-mini",
    sdk: { imports: importOpenAI, call: chatCall(proxyClient, "gpt-4o-mini") },
    own: "response.response.system_fingerprint",
    params: `{ max_tokens: 512, metadata: { team: "library" }, fallbacks: ["claude-haiku-4-5"] }`,
    limited: "{ max_tokens: 256 }",
    native: developer,
    client: { imports: importOpenAI, make: proxyClient, other: proxyClient.replace(" })", ", timeout: 20_000 })") },
    error: { imports: importOpenAI, is: isOpenAIError },
  },
  {
    name: "azure",
    title: "Azure AI",
    package: "openai",
    key: "AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY",
    model: "gpt-4o-mini",
    sdk: { imports: importOpenAI, call: chatCall(azureClient, "gpt-4o-mini") },
    own: "response.response.system_fingerprint",
    params: `{ max_completion_tokens: 512, user: "reader-7" }`,
    limited: "{ max_completion_tokens: 256 }",
    native: developer,
    client: {
      imports: `import { AzureOpenAI } from "openai";`,
      make: `new AzureOpenAI({ apiVersion: "2024-10-21", maxRetries: 0 })`,
      other: `new AzureOpenAI({ apiVersion: "2024-10-21", timeout: 20_000 })`,
    },
    error: { imports: importOpenAI, is: isOpenAIError },
  },
  {
    name: "bedrock",
    title: "Amazon Bedrock",
    package: "@aws-sdk/client-bedrock-runtime",
    key: "AWS_REGION and the AWS credential chain",
    model: "us.amazon.nova-lite-v1:0",
    sdk: {
      imports: `import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";`,
      call: `const client = new BedrockRuntimeClient();
const answer = await client.send(
  new ConverseCommand({
    modelId: "us.amazon.nova-lite-v1:0",
    messages: [{ role: "user", content: [{ text: "${question}" }] }],
  }),
);
console.log(answer.output?.message?.content?.map(({ text }) => text).join(""));`,
    },
    own: "response.response.metrics?.latencyMs",
    params: `{ inferenceConfig: { maxTokens: 512 }, requestMetadata: { team: "library" } }`,
    limited: "{ inferenceConfig: { maxTokens: 256 } }",
    native: `{ role: "user", content: [{ text: \`${genreQuestion}\` }, { cachePoint: { type: "default" } }] }`,
    client: {
      imports: `import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";`,
      make: "new BedrockRuntimeClient({ maxAttempts: 1 })",
      other: `new BedrockRuntimeClient({ region: "eu-central-1" })`,
    },
    error: {
      imports: `import { BedrockRuntimeServiceException } from "@aws-sdk/client-bedrock-runtime";`,
      is: "error instanceof BedrockRuntimeServiceException",
    },
  },
  {
    name: "local",
    title: "A model in this process",
    package: "node-llama-cpp @huggingface/jinja",
    key: "none",
    model: "default",
    limit: "{ callParams: { maxTokens: 12 } }",
    sdk: {
      imports: `import { getLlama, LlamaChatSession } from "node-llama-cpp";\nimport { findModelFile } from "callscope/local";`,
      call: `const llama = await getLlama({ gpu: false });
const model = await llama.loadModel({ modelPath: await findModelFile() });
const context = await model.createContext({ contextSize: 512, threads: 1 });
const session = new LlamaChatSession({ contextSequence: context.getSequence() });
console.log(await session.prompt("${question}", { maxTokens: 12 }));
await llama.dispose();`,
    },
    own: "response.response.timings.writing",
    params: "{ maxTokens: 12, topK: 20, repeatPenalty: { penalty: 1.1 } }",
    limited: "{ maxTokens: 12 }",
    native: `{ role: "user", content: \`${genreQuestion}\` }, { role: "assistant", content: "My advice is" }`,
    client: {
      imports: `import { LocalModel } from "callscope/local";`,
      make: "new LocalModel({ contextSize: 512 })",
      other: "new LocalModel({ contextSize: 256 })",
    },
    error: {
      imports: `import { ContextOverflowError } from "callscope";`,
      is: "error instanceof ContextOverflowError",
      model: "default",
      words: `"fantasy ".repeat(20_000)`,
    },
  },
];
