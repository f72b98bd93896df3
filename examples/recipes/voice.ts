import { writeFile } from "node:fs/promises";
import { audio, Messages } from "callscope";
import { openai } from "callscope/openai";

// #region speak
const reply = openai.call(
  "gpt-4o-audio-preview",
  { callParams: { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } } },
  (question: Uint8Array) => [
    Messages.system("You answer the telephone of a book shop."),
    Messages.user([audio(question)]),
  ],
);

// Bytes, a Blob, an address or a path: `audio("question.wav")`.
const response = await reply(recordedQuestion());
console.log(response.audioTranscript);
if (response.audio !== undefined) await writeFile("answer.wav", response.audio);
console.log(response.audio?.byteLength, "bytes in answer.wav,", response.tokens?.output, "tokens");
// #endregion

/** A tenth of a second of silence, as a WAV file: what a microphone would give. */
function recordedQuestion(): Uint8Array {
  const rate = 8_000;
  const samples = Buffer.alloc(rate / 10, 128);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
