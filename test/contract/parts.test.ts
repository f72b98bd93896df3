import { describe, expect, test } from "vitest";
import { call } from "../../src/any-provider.ts";
import type { CommonParams } from "../../src/contract/provider.ts";
import { PromptError, UnsupportedError } from "../../src/errors/errors.ts";
import { Messages } from "../../src/message/message.ts";
import type { Part } from "../../src/message/parts.ts";
import { thrownBy } from "../support/replay.ts";
import { ask, type Kind, serve } from "./lane.ts";
import { lanes } from "./lanes/index.ts";

const png = Buffer.from("89504e470d0a1a0a", "hex").toString("base64");
const wav = Buffer.from("RIFF\0\0\0\0WAVEfmt ").toString("base64");
const pdf = Buffer.from("%PDF-1.4\n").toString("base64");
const address = "https://example.com/a.png";

/** A part of every kind, and what of it is seen in the request. */
const kinds: Readonly<Record<Kind, { readonly part: Part; readonly seen: RegExp }>> = {
  picture: { part: { type: "image", data: png, mediaType: "image/png" }, seen: new RegExp(`"[^"]*${png}"`) },
  "picture by address": { part: { type: "image", url: address }, seen: /"https:\/\/example\.com\/a\.png"/ },
  sound: { part: { type: "audio", data: wav, mediaType: "audio/wav" }, seen: new RegExp(wav) },
  document: {
    part: { type: "document", data: pdf, mediaType: "application/pdf" },
    seen: new RegExp(pdf.replace("+", "\\+")),
  },
  "cache mark": {
    part: { type: "cache_control", cacheType: "ephemeral" },
    seen: /"cache_control"|"cachePoint"|"prompt_cache_breakpoint"/,
  },
};

const commonParams: Required<CommonParams> = {
  temperature: 0.25,
  maxTokens: 321,
  topP: 0.75,
  stop: ["END"],
  seed: 12345,
  frequencyPenalty: 0.125,
  presencePenalty: 0.375,
};

describe.each(lanes)("$name: parts", (lane) => {
  const takesPictures = lane.traits.parts.includes("picture");

  // checklist: 2, 23, 25, 58
  // faults: 58
  test.each(Object.entries(kinds))("%s: taken, or refused before any request", async (kind, { part, seen }) => {
    await using server = await serve(lane, { text: "ok" });
    const asked = ask(lane, { client: server.client }, () => Messages.user(["Look:", part]));
    if (lane.traits.parts.includes(kind as Kind)) {
      expect((await asked()).content).toBe("ok");
      expect(server.requests[0]?.text).toMatch(seen);
      expect(server.turns()[0]?.text).toBe("Look:");
      return;
    }
    const error = await thrownBy(asked);
    expect(error).toBeInstanceOf(UnsupportedError);
    const { provider, feature, message } = error as UnsupportedError;
    expect(provider).toBe(lane.provider.name);
    expect(feature).toContain(part.type);
    // An address is refused as such where the picture itself would do.
    const named = kind === "picture by address" && takesPictures ? "address" : part.type;
    expect(message).toMatch(new RegExp(`${provider} takes .*${named}`));
    expect(server.requests).toHaveLength(0);
  });

  // The data of a part may be a data URL already, as browsers give one: it has one head on every wire.
  test.each(["picture", "sound", "document"] as const)("[F2] %s: data that is a data: URL", async (kind) => {
    const { part } = kinds[kind] as { part: Part & { data: string; mediaType: string } };
    const asked = (data: string) => ask(lane, {}, () => Messages.user(["Look:", { ...part, data } as Part])).prepare();
    if (!lane.traits.parts.includes(kind)) return;
    const plain = await asked(part.data);
    const given = await asked(`data:${part.mediaType};base64,${part.data}`);
    expect(given.request).toEqual(plain.request);
    expect((await asked(`DATA:;charset=x;base64,${part.data}`)).request).toEqual(plain.request);
    for (const wrong of [`data:image/tiff;base64,${part.data}`, `data:${part.mediaType},x`, "data:"]) {
      const error = await thrownBy(() => asked(wrong));
      expect(error).toBeInstanceOf(PromptError);
      expect(String(error)).toContain(part.type);
    }
  });

  // checklist: 58
  test("a media type and a place that it cannot take are refused by name", async () => {
    const tiff: Part = { type: "image", data: png, mediaType: "image/tiff" };
    const wrongType = await thrownBy(() => ask(lane, {}, () => Messages.user(["?", tiff])).prepare());
    const feature = takesPictures ? "image/tiff" : "image";
    expect(wrongType).toMatchObject({ code: "unsupported", provider: lane.provider.name, feature });
    if (takesPictures) expect(String(wrongType)).toMatch(/image\/png.*; this one is image\/tiff/);
    for (const role of ["system", "assistant"] as const) {
      const message = Messages[role](["?", kinds.picture.part]);
      const wrongPlace = await thrownBy(() => ask(lane, {}, () => [Messages.user("Hi"), message]).prepare());
      expect(wrongPlace).toMatchObject({ code: "unsupported", provider: lane.provider.name, feature: "image" });
    }
  });
});

// One of each provider: from the root its client does not matter.
const providers = lanes.filter(({ name }) => name !== "azure (ai-inference)");

describe.each(providers)("$name: common parameters", (lane) => {
  const model = `${lane.provider.name}/${lane.model}`;

  // checklist: 42, 43
  test.each(Object.entries(commonParams))("%s: sent, or refused before any request", async (name, value) => {
    const prepare = () => call(model, { callParams: { [name]: value } }, () => "Hi").prepare();
    if (lane.traits.common.includes(name as keyof CommonParams)) {
      const { request } = await prepare();
      expect(JSON.stringify(request)).toContain(JSON.stringify(value));
      return;
    }
    const error = await thrownBy(prepare);
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ provider: lane.provider.name, feature: name });
  });

  test("a stop text alone is one of a list; none at all change nothing", async () => {
    const prepare = (callParams: CommonParams) => call(model, { callParams }, () => "Hi").prepare();
    if (lane.traits.common.includes("stop")) {
      const { request } = await prepare({ stop: "END" });
      expect(JSON.stringify(request)).toMatch(/"END"/);
    }
    const own = await ask(lane).prepare();
    expect((await prepare({})).request).toEqual(own.request);
  });
});
