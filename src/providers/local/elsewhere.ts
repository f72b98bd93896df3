import { createCall } from "../../call/call.ts";
import type { Provider } from "../../contract/provider.ts";
import { ConfigError } from "../../errors/errors.ts";
import type { LocalTypes } from "./provider-types.ts";

// What stands in the place of this subpath in a bundle for a browser or a worker, where nothing of it could run: without a
// built-in module of Node's, so that the bundle can be made.

function refuse(): never {
  throw new ConfigError(
    "callscope/local runs a model inside the process, which this runtime cannot: Node, Bun and Deno can. Name a model of another provider here.",
  );
}

export const provider: Provider<LocalTypes> = {
  name: "local",
  owned: ["model", "messages", "stream"],
  client: refuse,
  params: refuse,
  create: refuse,
  stream: refuse,
  read: refuse,
  readChunk: refuse,
  messageParam: refuse,
  toolMessages: refuse,
};

/** Throws `ConfigError`, which says why, when it is called. */
export const call = createCall(provider);

export const findModelFile: () => never = refuse;
export const progressBar: () => never = refuse;

export class LocalModel {
  constructor() {
    refuse();
  }
}

export const local = { call, provider, findModelFile, progressBar, LocalModel };
