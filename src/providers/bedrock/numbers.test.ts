import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, clientOf, usage } from "../../../test/support/converse-server.ts";
import { inTurn, type LoopbackServer, startServer } from "../../../test/support/fault-server.ts";
import { thrownBy } from "../../../test/support/replay.ts";
import { toolLoop } from "../../loop/tool-loop.ts";
import { loadHistory, saveHistory } from "../../message/history.ts";
import type { ParseError } from "../../structured/parse-error.ts";
import { tool } from "../../tools/tool.ts";
import { bedrock } from "./index.ts";

let server: LoopbackServer;
let client: BedrockRuntimeClient;

afterEach(async () => {
  client?.destroy();
  await server?.close();
});

// Digits that no number keeps, a plain object that looks like the SDK's own number, numbers within lists.
const digits =
  '{"id":123456789012345678,"share":0.33333333333333331,"like":{"type":"bigDecimal","string":"1.5"},"list":[-98765432109876543210,1.10,2]}';
const read: unknown = JSON.parse(digits);
const Row = z.object({
  id: z.number(),
  share: z.number(),
  like: z.object({ type: z.string(), string: z.string() }),
  list: z.array(z.number()),
});

/** The raw body, as `JSON.stringify` would not write it. */
async function serve(name: string, input = digits): Promise<void> {
  const body = JSON.stringify({
    output: { message: { role: "assistant", content: [{ toolUse: { toolUseId: "1", name, input: "@" } }] } },
    stopReason: "tool_use",
    usage,
    metrics: { latencyMs: 1 },
  }).replace('"@"', input);
  server = await startServer(
    inTurn((exchange) => exchange.send(200, { "content-type": "application/json" }, body), answer([{ text: "done" }])),
  );
  client = clientOf(server.url);
}

describe("[D2] numbers that the SDK keeps as objects are what JSON.parse gives", () => {
  test("in a response model, its error and its records; the SDK's object stays as it is", async () => {
    await serve("answer");
    const call = bedrock.call("m", { client, responseModel: Row }, () => "x");
    const { value, response } = await call().withResponse();
    expect(value).toEqual(read);
    const native = response.response.output?.message?.content?.[0]?.toolUse?.input as { id: unknown; share: object };
    expect(native.id).toBe(123456789012345678n);
    expect(String(native.share)).toBe("0.33333333333333331");
    expect(JSON.parse(JSON.stringify(response.messageParam)).content[0].toolUse.input).toEqual(read);
    expect(JSON.parse(JSON.stringify(saveHistory([response.message, response.messageParam])))).toBeDefined();
  });

  test("in an answer that is read in another process", async () => {
    await serve("answer");
    const call = bedrock.call("m", { client, responseModel: Row }, () => "x");
    const prepared = await call.prepare();
    const received = await call.send(prepared);
    expect(await call.read(prepared, JSON.parse(JSON.stringify(received)))).toEqual(read);
    expect(received.response.output?.message?.content?.[0]?.toolUse?.input).toMatchObject({ id: 123456789012345678n });
  });

  test("in a ParseError", async () => {
    await serve("answer");
    const call = bedrock.call("m", { client, responseModel: Row.extend({ more: z.string() }) }, () => "x");
    const error = (await thrownBy(() => call())) as ParseError;
    expect(error).toMatchObject({ code: "parse", kind: "invalid_data" });
    expect(JSON.parse(error.text)).toEqual(read);
    expect(JSON.stringify(error.response)).toContain("0.3333333333333333");
  });

  test("in a tool loop, the history it saves and the turn that is sent back", async () => {
    await serve("note");
    let given: unknown;
    const note = tool({
      name: "note",
      parameters: Row,
      call: (row) => {
        given = row;
        return "noted";
      },
    });
    const call = bedrock.call("m", { client, tools: [note] }, () => "x");
    const result = await toolLoop(call)();
    expect([given, result.responses[0]?.tools?.[0]?.args]).toEqual([read, read]);
    const second = server.requests[1]?.body as { messages: object[] } | undefined;
    // The SDK takes what looks like its own number for one, and writes it as a number.
    const sent = { ...(read as object), like: 1.5 };
    expect(second?.messages[1]).toEqual({
      role: "assistant",
      content: [{ toolUse: { toolUseId: "1", name: "note", input: sent } }],
    });
    const saved = JSON.parse(JSON.stringify(saveHistory(result.responses.map(({ message }) => message))));
    const again = bedrock.call("m", {}, () => ({
      messages: [{ role: "user" as const, content: "x" }, ...loadHistory(saved).slice(0, 1)],
    }));
    expect((await again.prepare()).request.messages?.[1]).toMatchObject({ content: [{ toolUse: { input: read } }] });
  });
});
