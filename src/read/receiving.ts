// What a stream needs once its request is made, and no stream before: loaded with the first one, as a whole.
export { receiveEvents } from "../send/receive.ts";
export { spentOn } from "../send/spent.ts";
export { reader } from "./reader.ts";
export { CallResponse } from "./response.ts";
export { ToolEmitter } from "./tool-emitter.ts";
