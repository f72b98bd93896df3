import { gemini } from "callscope/gemini";

// #region whole
const callParams: gemini.CallParams = {
  responseModalities: ["AUDIO"],
  speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
};
const say = (genre: string) => `Say: I recommend a ${genre} book.`;

const response = await gemini.call("gemini-2.5-flash-preview-tts", { callParams }, say)("fantasy");
console.log(response.audio?.byteLength); // raw PCM, 16 bits a sample; its part in `response.response` tells the rate
// #endregion

// #region streamed
const whileItSpeaks = gemini.call("gemini-2.5-flash-preview-tts", { stream: true, callParams }, say);

let bytes = 0;
for await (const [chunk] of whileItSpeaks("fantasy")) bytes += chunk.audio?.byteLength ?? 0;
console.log(bytes);
// #endregion
