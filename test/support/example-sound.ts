import { chunk, completion } from "./chat-server.ts";
import { sse } from "./fault-server.ts";
import { event } from "./gemini-server.ts";
import type { Json } from "./replay.ts";
import type { Answer } from "./server.ts";

// What answers the examples of sound. Hand-written: no recording has a spoken answer.

/** What is said, and the bytes that say it. */
export const spoken = { transcript: "I recommend Mistborn.", bytes: Buffer.alloc(4_000, 7) };

const data = spoken.bytes.toString("base64");
const halves = [spoken.bytes.subarray(0, 2_000), spoken.bytes.subarray(2_000)].map((half) => half.toString("base64"));

/** The handler of the server: for the chat wire and for Google's, whole and streamed. */
export function answerWithSound(request: Answer): void {
  const { path, body } = request.request;
  const streamed = (body as Json).stream === true || path.includes("stream");
  const isGoogle = path.includes("enerateContent");
  if (streamed) {
    const events = isGoogle ? halves.map((half) => event([pcm(half)])) : halves.map(chatPiece);
    const end = isGoogle ? [event([], "STOP")] : [chunk({}, "stop"), "[DONE]"];
    request.send(200, { "content-type": "text/event-stream" }, sse(...events, ...end).join(""));
    return;
  }
  const audio = { id: "audio_1", data, transcript: spoken.transcript, expires_at: 1 };
  const answer = isGoogle ? event([pcm(data)], "STOP") : completion({ finish: "stop", audio } as object);
  request.send(200, { "content-type": "application/json" }, JSON.stringify(answer));
}

const pcm = (text: string) => ({ inlineData: { mimeType: "audio/L16;codec=pcm;rate=24000", data: text } });
const chatPiece = (text: string) => chunk({ audio: { data: text } });
