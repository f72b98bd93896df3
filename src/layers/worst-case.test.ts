import fc from "fast-check";
import { encode as encodeCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as encodeO200k } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { describeRecordings, type Recording } from "../../test/support/recordings.ts";
import { bodyOf, eventsOf, isStream } from "../../test/support/replay.ts";
import { audio, document, image } from "../message/media.ts";
import { Messages } from "../message/message.ts";
import type { DocumentPart, ImagePart } from "../message/parts.ts";
import { loadPrices } from "../money/cost.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { bedrock } from "../providers/bedrock/index.ts";
import { gemini } from "../providers/gemini/index.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { worstCaseOf } from "./worst-case.ts";
import { worstInput } from "./worst-input.ts";

const texts = {
  English: "The quick brown fox jumps over the lazy dog, again and again.",
  German: "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
  Chinese: "我能吞下玻璃而不伤身体。這是一個測試。",
  Japanese: "私はガラスを食べられます。それは私を傷つけません。",
  Korean: "나는 유리를 먹을 수 있어요. 그래도 아프지 않아요.",
  Arabic: "أنا قادر على أكل الزجاج و هذا لا يؤلمني. ﷺ",
  Hindi: "मैं काँच खा सकता हूँ और मुझे उससे कोई चोट नहीं पहुंचती.",
  Thai: "ฉันกินกระจกได้ แต่มันไม่ทำให้ฉันเจ็บ",
  Amharic: "ብርጭቆ መብላት እችላለሁ። አይጎዳኝም።",
  Tibetan: "ཤེལ་སྒོ་ཟ་ནས་ང་ན་གི་མ་རེད།",
  Burmese: "ကျွန်တော် ကျွန်မ မှန်စားနိုင်တယ်။",
  emoji: "👩‍👩‍👧‍👦🏳️‍🌈🧑🏽‍🚀🫠🇩🇪",
  ancient: "𒀀𒀁𒀂 𐍈𐌰𐌿 𓀀𓀁",
  code: "const x = (a: number) => a ** 2; // λ → ∞\n\t\t{}[]()",
  zalgo: "Z̸̧̢̛͎̹͓a̶͓͐l̴͕͝g̵̙̈́o̴͇͠",
} as const;

describe("input is never thought to be less than it is", () => {
  test.each(Object.entries(texts))("%s", async (_, text) => {
    for (const repeated of [text, text.repeat(50)]) {
      const { request } = await openai.call("m", () => repeated).prepare();
      const { tokens } = worstInput(request, false);
      expect(tokens).toBeGreaterThanOrEqual(encodeO200k(repeated).length);
      expect(tokens).toBeGreaterThanOrEqual(encodeCl100k(repeated).length);
    }
  });

  test("text of any signs", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const { tokens } = worstInput({ messages: [{ role: "user", content: text }] }, false);
        expect(tokens).toBeGreaterThanOrEqual(Buffer.byteLength(text));
        expect(tokens).toBeGreaterThanOrEqual(encodeO200k(text).length);
      }),
      { numRuns: 300 },
    );
  });
});

describe.each([
  "openai",
  "openai-responses",
  "anthropic",
  "mistral",
  "gemini",
  "vertex",
  "groq",
  "cohere",
  "litellm",
  "azure",
  "azure-openai",
] as const)("every recorded request to %s", (folder) => {
  // Groq's compound is no model but a system of several, whose searches nobody can foresee from the request.
  const filter = ({ model = "" }: Recording) => !model.startsWith("compound");
  const judge = ({ id, exchanges }: Recording) => {
    test(`${id} was billed no more than it was thought to be at most`, () => {
      for (const exchange of exchanges) {
        const used = inputOf(exchange);
        if (used === undefined || exchange.request?.body == null) continue;
        const { tokens, unbounded, endless } = worstInput(bodyOf(exchange), false);
        if (unbounded === undefined && endless === undefined) expect(tokens).toBeGreaterThanOrEqual(used);
      }
    });
  };
  describeRecordings(folder, judge, filter);
});

type Exchange = Parameters<typeof bodyOf>[0];

/** The input tokens that an answer reports, wherever it does. */
function inputOf({ response }: Exchange): number | undefined {
  const bodies: unknown[] = isStream(response)
    ? "text" in response
      ? eventsOf(response)
      : []
    : "body" in response
      ? [response.body]
      : [];
  const keys = ["prompt_tokens", "input_tokens", "inputTokens", "promptTokenCount"];
  let most: number | undefined;
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { billed_units: billed = value } = value as { billed_units?: object };
    for (const [key, item] of Object.entries(billed)) {
      if (keys.includes(key) && typeof item === "number") most = Math.max(most ?? 0, item);
      else look(item);
    }
  };
  for (const body of bodies) look(body);
  return most;
}

describe("media", () => {
  const head = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
  const png = new Uint8Array([...Buffer.from(head, "latin1"), ...new Uint8Array(300_000)]);
  const pdf = new TextEncoder().encode(`%PDF-1.7 ${"x".repeat(1_000)}`);

  test.each([
    ["openai", openai.call],
    ["openai.responses", openai.responses.call],
    ["anthropic", anthropic.call],
    ["gemini", gemini.call],
    ["bedrock", bedrock.call],
  ] as const)("%s: a picture counts what a picture may, not its bytes", async (_, call) => {
    const ask = call as typeof openai.call;
    const { request } = await ask("m", () => [Messages.user(["Look:", image(png)])]).prepare();
    const { tokens, unbounded } = worstInput(request, false);
    expect(unbounded).toBeUndefined();
    expect(tokens).toBeGreaterThan(48_000);
    expect(tokens).toBeLessThan(49_500);
  });

  test("by its address, in the provider's own form, and looked at less closely", async () => {
    const url = "https://example.com/a.png";
    const low = await openai.call("m", () => [Messages.user([image(url, { detail: "low" })])]).prepare();
    expect(worstInput(low.request, false).tokens).toBeLessThan(3_300);
    const own = { role: "user" as const, content: [{ type: "image_url" as const, image_url: { url } }] };
    const native = await openai.call("m", () => [own]).prepare();
    expect(worstInput(native.request, false).tokens).toBeGreaterThan(48_000);
  });

  test("a PDF, and what lies elsewhere, may be as large as the model's window", async () => {
    await loadPrices();
    const claude = await anthropic.call("claude-haiku-4-5", () => [Messages.user([document(pdf)])]).prepare();
    expect(worstInput(claude.request, false).unbounded).toMatch(/document of the type application\/pdf/);
    expect(worstCaseOf(claude, undefined, undefined).inputTokens).toBe(200_000);
    const far = await gemini.call("unknown", () => [Messages.user([document("https://example.com/a.pdf")])]).prepare();
    expect(worstCaseOf(far, undefined, undefined)).toMatchObject({
      inputTokens: undefined,
      unbounded: expect.stringMatching(/its input: /),
    });
  });

  test("sound counts its bytes, and its own price", async () => {
    const wav = new Uint8Array([...new TextEncoder().encode("RIFF\0\0\0\0WAVEfmt "), ...new Uint8Array(5_000)]);
    const { request } = await openai.call("m", () => [Messages.user([audio(wav)])]).prepare();
    expect(worstInput(request, false)).toMatchObject({ audio: true, unbounded: undefined });
    expect(worstInput(request, false).tokens).toBeGreaterThan(5_000);
  });

  test("pictures in results of tools count as pictures, documents have no bound", async () => {
    const ofPart = async (ask: typeof openai.call, part: ImagePart | DocumentPart) => {
      const call = { type: "tool_call" as const, id: "1", name: "look", arguments: "{}" };
      const result = { type: "tool_result" as const, id: "1", name: "look", content: [part] };
      const turns = [Messages.user("hi"), Messages.assistant([call]), { role: "tool" as const, content: [result] }];
      return worstInput((await ask("m", () => turns).prepare()).request, false);
    };
    const data = "AAAA".repeat(100_000);
    const asks = [
      openai.responses.call,
      anthropic.call,
      gemini.call,
      bedrock.call,
    ] as unknown as (typeof openai.call)[];
    for (const ask of asks) {
      const picture = await ofPart(ask, { type: "image", data, mediaType: "image/png" });
      expect(picture.unbounded).toBeUndefined();
      expect(picture.tokens).toBeGreaterThan(48_000);
      expect(picture.tokens).toBeLessThan(60_000);
      expect((await ofPart(ask, { type: "document", data, mediaType: "application/pdf" })).unbounded).toBeDefined();
    }
  });

  test("what is data says nothing of media, whatever its keys", async () => {
    const odd = tool({
      name: "odd",
      parameters: z.object({ file_id: z.string(), image_url: z.string(), conversation: z.string() }),
      call: () => "x",
    });
    const call = { type: "tool_call" as const, id: "1", name: "odd", arguments: '{"file_id":"1","image_url":"u"}' };
    const result = { type: "tool_result" as const, id: "1", name: "odd", content: '{"video":"1"}' };
    const turns = [Messages.user("hi"), Messages.assistant([call]), { role: "tool" as const, content: [result] }];
    for (const ask of [openai.call, anthropic.call, gemini.call, bedrock.call] as (typeof openai.call)[]) {
      const { request } = await ask("m", { tools: [odd] }, () => turns).prepare();
      const worst = worstInput(request, false);
      expect([worst.unbounded, worst.endless]).toEqual([undefined, undefined]);
      expect(worst.tokens).toBeLessThan(3_000);
    }
  });
});

test("what the provider keeps has the model's window as its bound; its own tools have none", async () => {
  await loadPrices();
  const kept = await openai.responses
    .call("gpt-4o-mini", { callParams: { previous_response_id: "resp_1", max_output_tokens: 10 } }, () => "hi")
    .prepare();
  expect(worstCaseOf(kept, undefined, undefined)).toMatchObject({ inputTokens: 128_000, outputTokens: 10 });
  const search = await openai.responses
    .call("gpt-4o-mini", { callParams: { tools: [{ type: "web_search" }] } }, () => "hi")
    .prepare();
  expect(worstCaseOf(search, undefined, undefined)).toMatchObject({
    inputTokens: undefined,
    unbounded: "its input: the provider's own tool web_search",
  });
});
