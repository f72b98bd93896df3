import { ToolFailure } from "./tool-failure.ts";
import type { WebAnswer } from "./web-request.ts";

/** The media type of an answer, without its parameters; `""` where it tells none. */
export function mediaTypeOf({ headers }: WebAnswer): string {
  return (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** True for what a model can read as text. */
export function isText(mediaType: string): boolean {
  return /^text\/|^application\/(?:[\w.-]+\+)?(?:json|xml)$|^application\/(?:javascript|x-ndjson|yaml)$/.test(
    mediaType,
  );
}

/** The text of an answer, in the encoding it names, UTF-8 where it names none. Throws `ToolFailure` for what is no text. */
export function textOfAnswer(answer: WebAnswer): string {
  const type = mediaTypeOf(answer);
  if (answer.bytes.byteLength === 0) return "";
  if (!isText(type)) {
    throw new ToolFailure("refused", `The answer is ${type === "" ? "of no known type" : `"${type}"`}, not text.`);
  }
  const charset = /;\s*charset="?([^\s;"]+)/i.exec(answer.headers.get("content-type") ?? "")?.[1] ?? "utf-8";
  return decoderOf(charset).decode(answer.bytes);
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    throw new ToolFailure("failed", `The answer is in the encoding "${charset.slice(0, 40)}", which is not known.`);
  }
}

/** A text within its limit. One that is cut says so, and how much is missing. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).toWellFormed()}\n[Cut here: ${text.length - most} more characters.]`;
}
