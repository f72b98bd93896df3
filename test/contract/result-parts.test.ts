import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { Layer } from "../../src/contract/layer.ts";
import type { ProviderTypes } from "../../src/contract/provider.ts";
import { UnsupportedError } from "../../src/errors/errors.ts";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import type { ToolLoopEvent, ToolLoopRun } from "../../src/loop/types.ts";
import { loadHistory, saveHistory } from "../../src/message/history.ts";
import { audio, document, image } from "../../src/message/media.ts";
import { Messages } from "../../src/message/message.ts";
import type { CallResponse } from "../../src/read/response.ts";
import { within } from "../../src/send/scope.ts";
import { answer, fake, tape } from "../../src/testing/index.ts";
import { type Tool, tool } from "../../src/tools/tool.ts";
import { thrownBy } from "../support/replay.ts";
import { ask, type Json, type Kind, type Lane, type SaidCall, serve } from "./lane.ts";
import { lanes } from "./lanes/index.ts";

// Results of tools that hold pictures, sound and documents: on every wire the whole body, or the refusal.

const pngBytes = Buffer.from("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de", "hex");
const wavBytes = Buffer.from("RIFF\0\0\0\0WAVEfmt ");
const pdfBytes = Buffer.from("%PDF-1.4\n");
const [png, wav, pdf] = [pngBytes, wavBytes, pdfBytes].map((bytes) => bytes.toString("base64")) as [
  string,
  string,
  string,
];
const address = "https://example.com/a.png";
const id = "callABCD1";
const look: SaidCall = { id, name: "look", args: "{}" };

type Medium = Exclude<Kind, "cache mark">;

const made: Readonly<Record<Medium, () => object>> = {
  picture: () => image(pngBytes),
  "picture by address": () => image(address),
  sound: () => audio(wavBytes),
  document: () => document(pdfBytes),
};
const kindOf = { picture: "image", "picture by address": "image", sound: "audio", document: "document" } as const;

/** A result in a provider's own form: of text alone, and of the text and one medium. */
interface Wire {
  readonly list: string;
  result(content: unknown, media?: readonly Json[]): Json;
  text(text: string): Json;
  readonly media: Readonly<Partial<Record<Medium, Json>>>;
}

const dataUrl = (type: string, data: string) => `data:${type};base64,${data}`;

const google: Wire = {
  list: "contents",
  // The text is the function's response, the media stand beside it.
  result: (content, media) => {
    const [text] = [content].flat() as readonly (string | { readonly text: string })[];
    const output = typeof text === "string" ? text : text?.text;
    const functionResponse = { id, name: "look", response: { output }, ...(media && { parts: media }) };
    return { role: "user", parts: [{ functionResponse }] };
  },
  text: (text) => ({ text }),
  media: {
    picture: { inlineData: { mimeType: "image/png", data: png } },
    "picture by address": { fileData: { fileUri: address, mimeType: "image/png" } },
    document: { inlineData: { mimeType: "application/pdf", data: pdf } },
  },
};

const wires: Readonly<Record<string, Wire>> = {
  "openai.responses": {
    list: "input",
    result: (output) => ({ type: "function_call_output", call_id: id, output }),
    text: (text) => ({ type: "input_text", text }),
    media: {
      picture: { type: "input_image", image_url: dataUrl("image/png", png), detail: "auto" },
      "picture by address": { type: "input_image", image_url: address, detail: "auto" },
      document: { type: "input_file", filename: "document.pdf", file_data: dataUrl("application/pdf", pdf) },
    },
  },
  anthropic: {
    list: "messages",
    result: (content) => ({ role: "user", content: [{ type: "tool_result", tool_use_id: id, content }] }),
    text: (text) => ({ type: "text", text }),
    media: {
      picture: { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
      "picture by address": { type: "image", source: { type: "url", url: address } },
      document: { type: "document", source: { type: "base64", media_type: "application/pdf", data: pdf } },
    },
  },
  mistral: {
    list: "messages",
    result: (content) => ({ role: "tool", tool_call_id: id, name: "look", content }),
    text: (text) => ({ type: "text", text }),
    media: {
      picture: { type: "image_url", image_url: { url: dataUrl("image/png", png), detail: "auto" } },
      "picture by address": { type: "image_url", image_url: { url: address, detail: "auto" } },
      sound: { type: "input_audio", input_audio: wav },
      document: { type: "document_url", document_url: dataUrl("application/pdf", pdf) },
    },
  },
  gemini: google,
  vertex: google,
  groq: {
    list: "messages",
    result: (content) => ({ role: "tool", tool_call_id: id, content }),
    text: (text) => ({ type: "text", text }),
    media: {
      picture: { type: "image_url", image_url: { url: dataUrl("image/png", png), detail: "auto" } },
      "picture by address": { type: "image_url", image_url: { url: address, detail: "auto" } },
    },
  },
  bedrock: {
    list: "messages",
    result: (content) => {
      const blocks = typeof content === "string" ? [{ text: content }] : content;
      return { role: "user", content: [{ toolResult: { toolUseId: id, content: blocks } }] };
    },
    text: (text) => ({ text }),
    media: {
      picture: { image: { format: "png", source: { bytes: png } } },
      document: { document: { format: "pdf", name: "document", source: { bytes: pdf } } },
    },
  },
};

const tools = (output: unknown) => [tool({ name: "look", description: "Looks.", call: () => output })];

function loop(lane: Lane, client: object, output: unknown, stream = false): ToolLoopRun<ProviderTypes, Tool> {
  const asked = lane.call(lane.model, { client, tools: tools(output), stream }, () => "What is there?");
  return toolLoop(asked as never)() as ToolLoopRun<ProviderTypes, Tool>;
}

/** The body in which the result is this: that of a result of text alone, its last message replaced. */
function withResult(body: Json, { list }: Wire, result: Json): Json {
  return { ...body, [list]: [...(body[list] as readonly Json[]).slice(0, -1), result] };
}

describe.each(lanes)("$name: a tool's result", (lane) => {
  const [name = ""] = lane.name.split(" ");
  const wire = wires[name];

  describe.each(Object.keys(made) as Medium[])("with a %s", (kind) => {
    const taken = lane.traits.resultParts.includes(kind);
    const output = () => ["A cat:", made[kind]()];

    test.skipIf(!taken)("goes out as such, whole and streamed", async () => {
      if (wire === undefined) throw new Error(`${name} takes media in results, and its wire is not written here.`);
      const medium = wire.media[kind];
      if (medium === undefined) throw new Error(`${name} takes a ${kind} in results, and it is not written here.`);
      for (const stream of [false, true]) {
        const asking = { toolCalls: [look] };
        const saying = { text: "A cat." };
        await using server = await serve(lane, asking, saying, asking, saying);
        await loop(lane, server.client, "A cat:", stream);
        expect((server.body(1)[wire.list] as readonly Json[]).at(-1)).toEqual(wire.result("A cat:"));
        const result = await loop(lane, server.client, output(), stream);
        expect(result.response?.content).toBe("A cat.");
        const google = wire.list === "contents";
        const expected = google ? wire.result("A cat:", [medium]) : wire.result([wire.text("A cat:"), medium]);
        expect(server.body(3)).toEqual(withResult(server.body(1), wire, expected));
      }
    });

    test.skipIf(taken)("is refused by name, and what ran is not lost", async () => {
      await using server = await serve(lane, { toolCalls: [look] }, { text: "A cat." });
      const run = loop(lane, server.client, output());
      const error = (await thrownBy(() => run)) as UnsupportedError;
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error).toMatchObject({ code: "unsupported", provider: lane.provider.name });
      // A document of text may be taken where a PDF is not.
      expect(error.feature).toMatch(new RegExp(`${kindOf[kind]}|application/pdf`));
      expect(error.message).toContain(lane.provider.name);
      expect(error.message).toContain(kindOf[kind]);
      expect(server.requests).toHaveLength(1);
      expect(run.state).toMatchObject({
        status: "running",
        calls: [{ id, output: [{ type: "text" }, { type: kindOf[kind] }] }],
      });
    });

    test("is the same from a saved conversation, and as the provider's own message", async () => {
      await using server = await serve(lane, { toolCalls: [look] }, { text: "A cat." });
      const options = { client: server.client, tools: tools("") };
      const response = (await ask(lane, options)()) as CallResponse;
      const [call] = response.toolCalls ?? [];
      if (call === undefined) throw new Error("There should be a call.");
      const user = Messages.user("Hi");
      const outcome = [[call, output()]] as const;
      const conversation = [user, response.message, response.toolMessage(outcome)];
      const loaded = loadHistory(JSON.parse(JSON.stringify(saveHistory(conversation))));
      if (!taken) {
        const asked = [() => ask(lane, options, () => loaded)(), () => response.toolMessageParams(outcome)];
        for (const one of asked) {
          const error = await thrownBy(one as () => Promise<unknown>);
          expect(error).toMatchObject({ code: "unsupported", provider: lane.provider.name });
        }
        expect(server.requests).toHaveLength(1);
        return;
      }
      await ask(lane, options, () => loaded)();
      await ask(lane, options, () => ({
        messages: [user, response.messageParam, ...response.toolMessageParams(outcome)],
      }))();
      expect(server.body(1)).toEqual(server.body(2));
    });
  });

  test("of bytes is the program's mistake: nothing of them goes out, and the run ends with what to do", async () => {
    await using server = await serve(lane, { toolCalls: [look] });
    for (const [given, advice] of [
      [pngBytes, "return image(bytes)"],
      [new Uint8Array(wavBytes).buffer, "return audio(bytes)"],
      [{ file: new DataView(new Uint8Array(pdfBytes).buffer) }, 'its "file" is bytes'],
      [new Blob([pngBytes]), "image(bytes), audio(bytes) or document(bytes)"],
      [{ picture: image(pngBytes) }, "return the part itself"],
    ] as const) {
      const before = server.requests.length;
      const error = await thrownBy(() => loop(lane, server.client, given));
      expect(error).toMatchObject({ code: "invalid_output", toolName: "look" });
      expect(String(error)).toContain(advice);
      expect(server.requests).toHaveLength(before + 1);
    }
  });

  test("is made up and kept on a tape as it is sent", async () => {
    const kind = lane.traits.resultParts[0] as Medium | undefined;
    if (kind === undefined) return;
    const folder = mkdtempSync(join(tmpdir(), "callscope-results-"));
    // What CI runs records nothing by itself.
    vi.stubEnv("CI", "");
    try {
      const file = join(folder, "look.jsonl");
      await using server = await serve(lane, { toolCalls: [look] }, { text: "A cat." });
      const output = ["A cat:", made[kind]()];
      const run = (layer: Layer) => within({ layers: [layer] }, () => loop(lane, server.client, output));
      const recorded = await run(tape(file, { mode: "record" }));
      const played = await run(tape(file, { mode: "replay" }));
      expect(server.requests).toHaveLength(2);
      expect(played.conversation).toEqual(recorded.conversation);
      const scripted = fake([answer({ toolCalls: [{ id, name: "look", args: {} }] }), "A cat."]);
      const madeUp = await run(scripted);
      expect(madeUp.response?.content).toBe("A cat.");
      const [, sent] = madeUp.responses;
      expect(sent?.prepared.messages.at(-1)).toEqual(recorded.responses[1]?.prepared.messages.at(-1));
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    }
  });

  test("is told as it is sent, beside what the tool gave", async () => {
    const [kind] = lane.traits.resultParts as readonly Medium[];
    const given = kind === undefined ? { cats: 2 } : [made[kind]()];
    await using server = await serve(lane, { toolCalls: [look] }, { text: "A cat." });
    const events: ToolLoopEvent<ProviderTypes, Tool>[] = [];
    for await (const event of loop(lane, server.client, given)) events.push(event);
    const output = kind === undefined ? '{"cats":2}' : given;
    const expected = { type: "tool_result", id, name: "look", output, isError: false, value: given };
    expect(events.filter(({ type }) => type === "tool_result")).toEqual([expected]);
  });
});
