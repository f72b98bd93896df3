import { aiSdk } from "./ai-sdk.ts";
import { langChain } from "./langchain.ts";
import type { Peer } from "./peer.ts";
import { pi } from "./pi.ts";
import { tanStack } from "./tanstack.ts";
import { xsai } from "./xsai.ts";

/** The other libraries, in the order of the tables. */
export const peers: readonly Peer[] = [xsai, aiSdk, langChain, tanStack, pi];
