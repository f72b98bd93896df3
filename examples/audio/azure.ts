import { azure } from "callscope/azure";

// #region whole
const recommendBook = azure.call(
  "gpt-4o-audio-preview",
  { callParams: { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } } },
  (genre: string) => `Recommend a ${genre} book`,
);

const response = await recommendBook("fantasy");
console.log(response.audioTranscript); // what is said
console.log(response.audio?.byteLength); // the sound, in the format that was asked for
// #endregion

// #region streamed
const whileItSpeaks = azure.call(
  "gpt-4o-audio-preview",
  { stream: true, callParams: { modalities: ["text", "audio"], audio: { voice: "alloy", format: "pcm16" } } },
  (genre: string) => `Recommend a ${genre} book`,
);

let bytes = 0;
for await (const [chunk] of whileItSpeaks("fantasy")) bytes += chunk.audio?.byteLength ?? 0;
console.log(bytes);
// #endregion
