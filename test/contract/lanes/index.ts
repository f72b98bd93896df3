import type { Lane, NetworkLane } from "../lane.ts";
import { anthropicLane } from "./anthropic.ts";
import { azureLane, azureRestLane } from "./azure.ts";
import { bedrockLane } from "./bedrock.ts";
import { cohereLane } from "./cohere.ts";
import { geminiLane, vertexLane } from "./gemini.ts";
import { groqLane } from "./groq.ts";
import { litellmLane } from "./litellm.ts";
import { localLane } from "./local.ts";
import { mistralLane } from "./mistral.ts";
import { openaiLane } from "./openai.ts";
import { responsesLane } from "./responses.ts";

/** Every provider that is reached over a network, by each of its clients. */
export const networkLanes: readonly NetworkLane[] = [
  openaiLane,
  responsesLane,
  anthropicLane,
  mistralLane,
  geminiLane,
  vertexLane,
  groqLane,
  cohereLane,
  litellmLane,
  azureLane,
  azureRestLane,
  bedrockLane,
];

/** The same and the one in this process, whose model is played by a server, too. */
export const lanes: readonly Lane[] = [...networkLanes, localLane];
