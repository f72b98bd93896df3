import { expect, test } from "vitest";
import { ConfigError } from "../../src/errors/errors.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, streamOf } from "./lane.ts";
import { networkLanes } from "./lanes/index.ts";

// Mistral's SDK says so when the client is made; Cohere's has an error of its own, which stays what it is.
const own = ["mistral", "cohere"];
const lanes = networkLanes.filter(({ name }) => !own.includes(name));

test.each(lanes)("$name: a client whose base URL is none is a ConfigError, whole and streamed", async (lane) => {
  const client = lane.client("no address");
  for (const run of [() => ask(lane, { client })(), () => collect(streamOf(lane, { client })())]) {
    const error = await thrownBy(run);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain("is its base URL whole");
    expect((error as Error).cause).toBeInstanceOf(TypeError);
  }
});
