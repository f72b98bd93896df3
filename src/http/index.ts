// Streams as HTTP responses, and what a page posts.
export type { ResponseOptions } from "./body.ts";
export { eventResponse } from "./event-response.ts";
export type { Streamed } from "./pieces.ts";
export { type ResumableStreams, resumableStreams } from "./resumable.ts";
export { closeSignal, type NodeResponse, sendResponse } from "./send-response.ts";
export { textResponse } from "./text-response.ts";
export { fromUIMessages } from "./ui-messages.ts";
export { uiResponse } from "./ui-response.ts";
