// What a call needs once its request is made: it is sent, read, and made the value that was asked for.
export { reader } from "../read/reader.ts";
export { CallResponse } from "../read/response.ts";
export { receive } from "../send/receive.ts";
export { send } from "../send/send.ts";
export { parse, structured, tellAttempts } from "./value.ts";
