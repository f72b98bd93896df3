import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CallResponse } from "../../src/read/response.ts";
import { collect } from "../support/replay.ts";
import { callOf, options, type Travelling } from "./apart-stage.ts";
import { type Lane, type Said, type Served, serve } from "./lane.ts";
import { lanes } from "./lanes/index.ts";
import { saidAs } from "./shapes.ts";

// Prepared in one process, sent in a second, read in a third: on every wire, with pictures, tools and response models.

const kinds = Object.keys(options) as (keyof typeof options)[];
const book = { title: "Dune", pages: 412 };

async function saidOf(lane: Lane, kind: keyof typeof options): Promise<Said> {
  if ("responseModel" in options[kind]) return saidAs(lane, options[kind], book);
  if (kind === "text") return { text: "Twelve." };
  return { toolCalls: [{ id: "call00001", name: "count_copies", args: '{"title":"Dune"}' }] };
}

async function stage(name: string, given: readonly Travelling[]): Promise<Travelling[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "apart-stage.ts"), name], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(given));
  return JSON.parse(await text(child.stdout)) as Travelling[];
}

describe("a call that is prepared, sent and read in three processes", () => {
  const served = new Map<string, Served>();
  let ended: readonly Travelling[] = [];

  beforeAll(async () => {
    const begun: Travelling[] = [];
    for (const lane of lanes) {
      for (const kind of kinds) {
        const server = await serve(lane, await saidOf(lane, kind));
        served.set(`${lane.name} ${kind}`, server);
        begun.push({ lane: lane.name, kind, url: server.url });
      }
    }
    ended = await stage("read", await stage("send", await stage("prepare", begun)));
  }, 60_000);
  afterAll(() => Promise.all([...served.values()].map((server) => server.close())));

  test.each(lanes.flatMap((lane) => kinds.map((kind) => [lane.name, kind, lane] as const)))(
    "%s: %s is what it is in one",
    async (name, kind, lane) => {
      const server = served.get(`${name} ${kind}`) as Served;
      const came = ended.find((one) => one.lane === name && one.kind === kind);
      const call = callOf(lane, kind, server.url) as unknown as (question: string) => unknown;
      const asked = call("How many?") as AsyncIterable<unknown> & Promise<CallResponse>;
      const streams = "stream" in options[kind];
      const steps = streams ? await collect(asked) : [];
      const isModel = "responseModel" in options[kind];
      const response = streams ? (asked as unknown as { constructCallResponse(): CallResponse }) : await asked;
      const value = isModel ? (streams ? steps.at(-1) : response) : undefined;
      const plain =
        streams && !isModel
          ? (response as { constructCallResponse(): CallResponse }).constructCallResponse()
          : (response as CallResponse);
      const expected = isModel
        ? value
        : {
            content: plain.content,
            uses: plain.tools?.map(({ name: used, args }) => ({ name: used, args })),
            cost: plain.cost,
          };
      expect(came?.read).toMatchObject(JSON.parse(JSON.stringify(expected)) as object);
      if (isModel) expect(came?.read).toEqual(book);
      // The same body went out both times.
      expect(server.requests).toHaveLength(2);
      expect(server.requests[0]?.body).toEqual(server.requests[1]?.body);
    },
  );
});
