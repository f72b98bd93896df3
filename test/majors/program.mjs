import * as root from "callscope";
import * as z from "zod/v4";

// What is tried of each major version of an SDK, in the folder of a user who has that version: a call, a stream, a structured
// answer, tools whole and streamed, the SDK's own error. `node program.mjs LANE URL` prints what it saw as JSON.

const apiKey = "sk-secret";
const own = { apiKey, maxRetries: 0 };

const openaiClient = async (baseURL) => new (await import("openai")).default({ ...own, baseURL });
const googleClient = (vertexai) => async (baseUrl) =>
  new (await import("@google/genai")).GoogleGenAI({ vertexai, apiKey, httpOptions: { baseUrl } });

/** By the name of its lane: the subpath, and a client of its SDK. */
const lanes = {
  openai: ["openai", openaiClient],
  "openai.responses": ["openai", openaiClient],
  litellm: ["litellm", openaiClient],
  "azure (openai)": ["azure", openaiClient],
  anthropic: ["anthropic", async (baseURL) => new (await import("@anthropic-ai/sdk")).default({ ...own, baseURL })],
  gemini: ["gemini", googleClient(false)],
  vertex: ["vertex", googleClient(true)],
  groq: ["groq", async (baseURL) => new (await import("groq-sdk")).default({ ...own, baseURL })],
  cohere: [
    "cohere",
    async (url) => {
      const { CohereClientV2 } = await import("cohere-ai");
      return new CohereClientV2({ token: apiKey, environment: url, baseUrl: url, maxRetries: 0 });
    },
  ],
  mistral: [
    "mistral",
    async (serverURL) =>
      new (await import("@mistralai/mistralai")).Mistral({ apiKey, serverURL, retryConfig: { strategy: "none" } }),
  ],
};

const [, , lane, url] = process.argv;
const [subpath, clientOf] = lanes[lane];
const module = await import(`callscope/${subpath}`);
const call = lane === "openai.responses" ? module.responses.call : module.call;
const client = async (said) => clientOf(`${url}/${encodeURIComponent(lane)}/${said}`);
const prompt = () => "Hi";

const text = await call("model", { client: await client("text") }, prompt)();
const stream = call("model", { client: await client("text"), stream: true }, prompt)();
let streamed = "";
for await (const [{ content }] of stream) streamed += content;

const Book = z.object({ title: z.string() });
const book = await call("model", { client: await client("answer"), responseModel: Book }, prompt)();

const add = root.tool({
  name: "add",
  parameters: z.object({ a: z.number(), b: z.number() }),
  call: ({ a, b }) => a + b,
});
const tools = [add];
const called = await call("model", { client: await client("add"), tools }, prompt)();
const sums = [await called.tool?.call()];
for await (const [, use] of call("model", { client: await client("add"), tools, stream: true }, prompt)()) {
  if (use !== undefined) sums.push(await use.call());
}

const error = await call("model", { client: await client("missing") }, prompt)().catch((thrown) => thrown);
const { kind, status } = root.classify(error);

console.log(
  JSON.stringify({
    text: [text.content, text.inputTokens, text.outputTokens, text.stopReason],
    stream: [streamed, stream.inputTokens, stream.outputTokens, stream.stopReason],
    book,
    sums,
    error: [error.constructor.name, kind, status],
  }),
);
process.exit(0);
