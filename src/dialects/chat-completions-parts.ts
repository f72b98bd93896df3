import { unsupportedPart, unsupportedType } from "../contract/unsupported-part.ts";
import { UnsupportedError } from "../errors/errors.ts";
import { toDataUrl } from "../message/data-url.ts";
import type { CachePart, MediaKind, Part } from "../message/parts.ts";

/** The parts a provider's user messages may hold. */
export interface ChatSupport {
  /** The provider's name, for errors. */
  readonly provider: string;
  /** Roles its native messages may have. */
  readonly roles: readonly string[];
  /** The kinds of part it takes, text aside. */
  readonly parts: readonly Part["type"][];
  /** The kinds of medium that results of tools hold beside text. */
  readonly resultMedia?: readonly MediaKind[];
  /** What a part says where the prompt up to it may be cached; `undefined` for a lifetime the provider lacks. */
  readonly cacheMark?: (ttl: CachePart["ttl"]) => object | undefined;
  /** True where a stream tells its usage only when `stream_options` asks for it. */
  readonly asksForUsage?: boolean;
  /** What it calls the limit of an answer's length; by default as OpenAI does today, its older name being refused. */
  readonly limit?: "max_tokens" | "max_completion_tokens";
  /** False where no response format may stand beside tools: it is asked for in words alone then. */
  readonly formatsBesideTools?: boolean;
  /** True for parameters with which some models take no forced tool: the answer's tool is asked for in words then. */
  readonly thinks?: (callParams: object) => boolean;
  /** True where `gs://` addresses of images are read. */
  readonly readsBuckets?: boolean;
  /** Providers that speak the very same wire, whose own turns are sent as they are. */
  readonly kin?: readonly string[];
}

/** A part of a message on the chat-completions wire. */
export type ChatPart = { type: string; [key: string]: unknown };

/** A part as this wire has it. Throws `UnsupportedError` for a kind or media type it does not take. */
export function toPart(part: Part, support: ChatSupport): ChatPart {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image": {
      const url =
        part.url === undefined ? toDataUrl(checkType(part, imageTypes, support)) : checkAddress(part.url, support);
      return { type: "image_url", image_url: { url, detail: part.detail ?? "auto" } };
    }
    case "audio": {
      const { data, mediaType } = checkType(part, Object.keys(audioFormats), support);
      return { type: "input_audio", input_audio: { data, format: audioFormats[mediaType] } };
    }
    case "document": {
      const { data, mediaType } = checkType(part, ["application/pdf"], support);
      const file = { filename: part.name ?? "document.pdf", file_data: toDataUrl({ data, mediaType }) };
      return { type: "file", file };
    }
    default:
      throw unsupported(support, part.type, "a message");
  }
}

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const audioFormats: Readonly<Record<string, string>> = {
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/mp3": "mp3",
  "audio/mpeg": "mp3",
};

interface Bytes {
  readonly data: string;
  readonly mediaType: string;
}

function checkType(
  part: Part & { data?: string; mediaType?: string },
  accepted: readonly string[],
  { provider }: ChatSupport,
): Bytes {
  const { type, data, mediaType = "" } = part;
  if (data === undefined)
    throw new UnsupportedError(
      provider,
      `${type} url`,
      `${provider} takes no address of ${type === "audio" ? "audio" : `a ${type}`}: give its bytes.`,
    );
  if (accepted.includes(mediaType)) return { data, mediaType };
  throw unsupportedType(provider, type, mediaType, accepted);
}

// "must be a valid HTTP or HTTPS URL, or a data URL", says the API; a proxy reads the addresses of the clouds behind it.
function checkAddress(url: string, { provider, readsBuckets }: ChatSupport): string {
  if (/^(?:https?|data):/i.test(url) || (readsBuckets && /^gs:/i.test(url))) return url;
  const scheme = url.slice(0, Math.max(0, url.indexOf(":")));
  throw new UnsupportedError(
    provider,
    `${scheme} url`,
    `${provider} takes http(s) addresses of images; this is ${scheme}:.`,
  );
}

/** The error for a kind of part that has no place where it stands. */
export function unsupported({ provider, parts }: ChatSupport, kind: string, where: string): UnsupportedError {
  return unsupportedPart(provider, kind, where, `a user message takes ${["text", ...parts].join(", ")}`);
}
