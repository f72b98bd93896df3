import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, serve, toolUse } from "../../test/support/anthropic-server.ts";
import { inTurn, status } from "../../test/support/fault-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { fitResult } from "../contract/result-content.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { document, image } from "../message/media.ts";
import { Messages } from "../message/message.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { revivedContent, settleOutput, toResultContent } from "./result-content.ts";
import { tool } from "./tool.ts";

const png = Buffer.from("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de", "hex");
const data = png.toString("base64");
const picture = { type: "image", data, mediaType: "image/png" };
const address = "https://example.com/a.png";

let folder: string;
const path = () => join(folder, "cover.png");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "callscope-results-"));
  await writeFile(path(), png);
});

afterAll(() => rm(folder, { recursive: true }));

describe("what a tool gives", () => {
  test("is a medium, texts and media, or text", () => {
    expect(toResultContent("t", image(png))).toEqual([picture]);
    expect(toResultContent("t", ["A:", image(png), "", { type: "text", text: "B" }])).toEqual([
      { type: "text", text: "A:" },
      picture,
      { type: "text", text: "B" },
    ]);
    expect(toResultContent("t", image(address))).toEqual([{ type: "image", url: address }]);
    // Data that only has the shape of a list, or of a text part, is data.
    expect(toResultContent("t", ["a", "b"])).toBe('["a","b"]');
    expect(toResultContent("t", { type: "text", text: "a" })).toBe('{"type":"text","text":"a"}');
    expect(toResultContent("t", { type: "image", src: "x" })).toBe('{"type":"image","src":"x"}');
    expect(toResultContent("t", { type: "image", url: address, alt: "x" })).toContain('"alt":"x"');
    expect(toResultContent("t", [])).toBe("[]");
  });

  test("is a medium also where its parts are written by hand, bytes given", () => {
    expect(toResultContent("t", { ...picture })).toEqual([picture]);
    const text = { type: "document", data: "aGk=", mediaType: "text/plain", name: "notes" };
    expect(toResultContent("t", ["Notes:", text])).toEqual([{ type: "text", text: "Notes:" }, text]);
  });

  test("makes no provider fetch an address that came from outside", () => {
    const outside: unknown = JSON.parse(JSON.stringify(image(address)));
    for (const output of [outside, ["See:", outside], [image(png), outside]]) {
      expect(() => toResultContent("t", output)).toThrow(
        expect.objectContaining({
          code: "invalid_output",
          toolName: "t",
          message: expect.stringContaining("image(url)"),
        }),
      );
    }
    expect(revivedContent(toResultContent("t", image(address)))).toEqual([outside]);
    const kept = revivedContent(JSON.parse(JSON.stringify(toResultContent("t", ["See:", image(address)]))));
    expect(toResultContent("t", kept)).toEqual([{ type: "text", text: "See:" }, outside]);
  });

  test("mixes media with nothing but texts", () => {
    for (const output of [
      [image(png), { price: 3 }],
      ["a", 3, image(png)],
      { picture: image(png) },
      { pages: [document(Buffer.from("%PDF-1.4\n"))] },
      [["a", image(png)]],
      { file: image(path()) },
    ]) {
      expect(() => toResultContent("t", output)).toThrow(expect.objectContaining({ code: "invalid_output" }));
    }
  });

  test("is read from a file or blob in the tool's time, and only there", async () => {
    expect(await settleOutput("t", ["A:", image(path())], undefined)).toEqual([{ type: "text", text: "A:" }, picture]);
    expect(await settleOutput("t", image(new Blob([png])), undefined)).toEqual([picture]);
    expect(String(await thrownBy(() => settleOutput("t", image(join(folder, "no.png")), undefined)))).toContain(
      "ENOENT",
    );
    const stopped = AbortSignal.abort(new Error("left"));
    expect(String(await thrownBy(() => settleOutput("t", image(path()), stopped)))).toContain("left");
  });
});

test("a provider of texts alone is given one text, and refuses the rest by name", () => {
  const texts = [{ type: "text", text: "A:" } as const, { type: "text", text: "B" } as const];
  const changes: string[] = [];
  expect(fitResult(texts, { name: "own" }, (change) => changes.push(change))).toBe("A:\nB");
  expect(changes).toHaveLength(1);
  expect(fitResult(texts, { name: "own", resultMedia: ["image"] })).toBe(texts);
  const refusal = { code: "unsupported", provider: "own", feature: "image" };
  expect(() => fitResult([image(png)], { name: "own" })).toThrow(expect.objectContaining(refusal));
  expect(() => fitResult([image(path())], { name: "own" })).toThrow(expect.objectContaining(refusal));
});

describe("a file that a tool gives", () => {
  const look = tool({ name: "look", call: () => ["A cat:", image(path())] });
  const calls = status(200, answer({ content: [toolUse("toolu_1", "look", {})], stop_reason: "tool_use" }));
  const answers = status(200, answer({ content: [{ type: "text", text: "A cat." }] }));
  const sent = {
    role: "user",
    content: [
      {
        type: "tool_result",
        tool_use_id: "toolu_1",
        content: [
          { type: "text", text: "A cat:" },
          { type: "image", source: { type: "base64", media_type: "image/png", data } },
        ],
      },
    ],
  };

  test("is read by the loop", async () => {
    await using api = await serve(inTurn(calls, answers));
    const ask = anthropic.call("claude-haiku-4-5", { client: api.client, tools: [look] }, () => "Hi");
    const result = await toolLoop(ask)();
    expect(result.response?.content).toBe("A cat.");
    expect((api.body(1).messages as readonly object[]).at(-1)).toEqual(sent);
    // The state and the conversation are plain data, the file's bytes in it.
    expect(JSON.parse(JSON.stringify(result.conversation))).toEqual(result.conversation);
    expect(JSON.stringify(result.state)).toContain(data);
    expect(JSON.stringify(result.state)).not.toContain(folder);
  });

  test("is read with the prompt, from a response; the provider's own message needs its bytes", async () => {
    await using api = await serve(inTurn(calls, answers));
    const options = { client: api.client, tools: [look] };
    const response = await anthropic.call("claude-haiku-4-5", options, () => "Hi")();
    const use = response.tool;
    if (use === undefined) throw new Error("There should be a call.");
    const results = [[use, await use.call()]] as const;
    expect(() => response.toolMessageParams(results)).toThrow(
      expect.objectContaining({ code: "invalid_output", message: expect.stringContaining("toolMessage(") }),
    );
    const message = response.toolMessage(results);
    await anthropic.call("claude-haiku-4-5", options, () => [Messages.user("Hi"), response.message, message])();
    expect((api.body(1).messages as readonly object[]).at(-1)).toEqual(sent);
  });

  test("in an error goes nowhere where errors are texts", async () => {
    await using api = await serve(calls);
    const response = await anthropic.call("claude-haiku-4-5", { client: api.client, tools: [look] }, () => "Hi")();
    const use = response.tool;
    if (use === undefined) throw new Error("There should be a call.");
    expect(() => response.toolMessageParams([[use, image(png), { isError: true }]])).toThrow(
      expect.objectContaining({ code: "unsupported", provider: "anthropic", feature: "image" }),
    );
  });
});
