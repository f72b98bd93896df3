import { expect, test } from "vitest";
import { completion, type Said, startChat } from "../../test/support/chat-server.ts";
import { openai } from "../providers/openai/index.ts";

// checklist: 77, 89
test("a spoken answer gives its bytes and what they say, and goes back by its id", async () => {
  const audio = { id: "audio_1", data: Buffer.from("sound").toString("base64"), transcript: "Hey", expires_at: 5 };
  await using server = await startChat(completion({ content: null, audio } as Said), completion({ content: "Hi" }));
  const { client } = server;
  const callParams: openai.CallParams = { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } };
  const spoken = await openai.call("gpt-4o-audio-preview", { client, callParams }, () => "Say hey")();
  expect(Buffer.from(spoken.audio ?? []).toString()).toBe("sound");
  expect(spoken.audioTranscript).toBe("Hey");
  expect(server.bodies[0]).toMatchObject(callParams);
  expect(spoken.messageParam).toMatchObject({ role: "assistant", audio: { id: "audio_1" } });
  expect(JSON.stringify(spoken.messageParam)).not.toContain(audio.data);

  const silent = await openai.call("m", { client }, () => [spoken.messageParam])();
  expect([silent.audio, silent.audioTranscript]).toEqual([undefined, undefined]);
});
