import * as root from "callscope";
import { anthropic } from "callscope/anthropic";
import { azure } from "callscope/azure";
import { bedrock } from "callscope/bedrock";
import { cohere } from "callscope/cohere";
import { gemini } from "callscope/gemini";
import { groq } from "callscope/groq";
import * as http from "callscope/http";
import { litellm } from "callscope/litellm";
import { mistral } from "callscope/mistral";
import * as openai from "callscope/openai";
import * as rows from "callscope/rows";
import * as trace from "callscope/trace";
import { vertex } from "callscope/vertex";
import OpenAI from "openai";
import { askAll } from "./providers.ts";
import { abilities, smoke } from "./smoke.ts";

// The built package, as its user loads it: no types, so that the sources can be checked where it is not built.

const calls = {
  openai: openai.call,
  "openai.responses": openai.responses.call,
  anthropic: anthropic.call,
  mistral: mistral.call,
  gemini: gemini.call,
  vertex: vertex.call,
  groq: groq.call,
  cohere: cohere.call,
  litellm: litellm.call,
  "azure (openai)": azure.call,
  "azure (ai-inference)": azure.call,
  bedrock: bedrock.call,
};

/** Runs the program against a server; everything it reports. */
export async function run(url) {
  const client = new OpenAI({
    apiKey: "sk-secret",
    baseURL: `${url}/smoke`,
    maxRetries: 0,
    dangerouslyAllowBrowser: true,
  });
  const library = { root, openai, http, rows, trace };
  return {
    smoke: await smoke(library, client),
    abilities: await abilities(library, client),
    providers: await askAll(calls, url),
  };
}
