import { describe, expect, test } from "vitest";
import { z } from "zod";
import { StreamError } from "../../src/read/stream-error.ts";
import { ParseError } from "../../src/structured/parse-error.ts";
import * as fault from "../support/fault-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { askFor, eventsOf, growing, serve } from "./lane.ts";
import { lanes } from "./lanes/index.ts";
import { modes, saidAs } from "./shapes.ts";

const Shelf = z.object({ name: z.string().min(3), books: z.array(z.object({ title: z.string(), pages: z.number() })) });
const shelf = {
  name: "Science \u{1F680} fiction",
  books: [
    { title: "Dune", pages: 412 },
    { title: "Ubik", pages: 202 },
  ],
};

describe.each(lanes)("$name: structured streams", (lane) => {
  // checklist: 139, 140, 141
  test.each(modes.map((mode) => [mode.name, mode.jsonMode] as const))(
    "by %s grow to the value a call gives",
    async (_, jsonMode) => {
      const options = { responseModel: Shelf, jsonMode };
      const said = await saidAs(lane, options, shelf);
      await using server = await serve(lane, said);
      const stream = growing<typeof shelf>(lane, { ...options, client: server.client })();
      expect(() => stream.constructedResponseModel).toThrow(StreamError);
      const partials = await collect(stream);
      expect(partials.at(-1)).toEqual(shelf);
      expect(stream.constructedResponseModel).toEqual(shelf);
      expect(await askFor(lane, { ...options, client: server.client })()).toEqual(shelf);
      const isText = Boolean(jsonMode) || lane.traits.partialTools;
      if (isText) expect(partials.length).toBeGreaterThan(10);
      let [known, books] = ["", 0];
      for (const { name = "", books: some = [] } of partials) {
        expect(name.startsWith(known)).toBe(true);
        expect(some.length).toBeGreaterThanOrEqual(books);
        [known, books] = [name, some.length];
      }
      expect(stream.response).toMatchObject({ id: lane.id, inputTokens: 10, outputTokens: 5 });
      // It is asked for just as without a stream.
      const [streamed, called] = [server.body(0), server.body(1)].map((body) => {
        const { stream: _flag, stream_options: __, ...rest } = body;
        return rest;
      });
      expect(streamed).toEqual(called);
    },
  );

  test("give the elements of an array, each whole", async () => {
    const options = { responseModel: z.array(z.object({ title: z.string() })).min(2), jsonMode: true };
    const books = [{ title: "Dune" }, { title: "Ubik" }, { title: "Solaris" }];
    await using server = await serve(lane, await saidAs(lane, options, books));
    const stream = growing<typeof books>(lane, { ...options, client: server.client })();
    expect(await collect(stream.elements())).toEqual(books);
  });

  // faults: 29, 63
  test("that are cut off throw, and never look whole", async () => {
    const options = { responseModel: Shelf, jsonMode: true };
    const said = await saidAs(lane, options, shelf);
    const { opening, pieces } = lane.script(said);
    const half = opening.length + Math.floor(pieces.length / 2);
    await using server = await serve(lane, fault.cleanCut(eventsOf(lane, said), half));
    const stream = growing<typeof shelf>(lane, { ...options, client: server.client })();
    const partials: unknown[] = [];
    const error = await thrownBy(async () => {
      for await (const partial of stream) partials.push(partial);
    });
    expect(error).toMatchObject({ code: "stream_ended_early" });
    expect(partials.length).toBeGreaterThan(1);
    expect(() => stream.constructedResponseModel).toThrow(StreamError);
  });

  // checklist: 130
  // faults: 61, 63
  test.each([
    ["truncated", '{"name":"Sci', "length"],
    ["invalid_data", '{"name":"x","books":[]}', "stop"],
    ["invalid_json", "No idea.", "stop"],
  ] as const)("that come to no value are a typed error: %s", async (kind, text, finish) => {
    await using server = await serve(lane, { text, finish });
    const stream = growing(lane, { responseModel: Shelf, jsonMode: true, client: server.client })();
    const error = await thrownBy(() => collect(stream));
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ kind, text, response: { id: lane.id, inputTokens: 10 } });
  });
});
