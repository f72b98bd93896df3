import { readFilePart } from "../message/media.ts";
import { FilePart, type Message, type Part } from "../message/parts.ts";

/** True for a message whose files are still to be read. */
export function holdsFile(message: Message | object): boolean {
  const { content } = message as { content?: unknown };
  return Array.isArray(content) && content.some(isUnread);
}

function isUnread(part: unknown): boolean {
  if (part instanceof FilePart) return true;
  const { type, content } = (part ?? {}) as { type?: unknown; content?: unknown };
  return type === "tool_result" && Array.isArray(content) && content.some((piece) => piece instanceof FilePart);
}

/** The same messages with the bytes of their files. */
export function readFiles(
  messages: readonly (Message | object)[],
  signal?: AbortSignal,
): Promise<(Message | object)[]> {
  return Promise.all(messages.map((message) => readFilesOf(message, signal)));
}

async function readFilesOf(message: Message | object, signal: AbortSignal | undefined): Promise<Message | object> {
  if (!holdsFile(message)) return message;
  const { content, ...rest } = message as Message;
  const options = signal === undefined ? {} : { signal };
  const read = <Kept extends Part>(part: Kept) => (part instanceof FilePart ? readFilePart(part, options) : part);
  const readAll = async (part: Part): Promise<Part> => {
    if (part.type !== "tool_result" || typeof part.content === "string") return read(part);
    return { ...part, content: await Promise.all(part.content.map(read)) };
  };
  return { ...rest, content: await Promise.all((content as readonly Part[]).map(readAll)) };
}
