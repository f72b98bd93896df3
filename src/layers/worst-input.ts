import { utf8Length } from "../json/utf8-length.ts";

// The most tokens that the input of a request can be, read off the request itself.

/** What bounds the input: a sum of tokens, the model's window for what can be of any size, or nothing at all. */
export interface WorstInput {
  readonly tokens: number;
  /** Why the sum is no bound: a sentence's end. The model's window is one still, where it is known. */
  readonly unbounded: string | undefined;
  /** Why nothing is: tools of the provider's own feed the model again and again within one request. */
  readonly endless: string | undefined;
  /** True where sound may be in it, which has a price of its own. */
  readonly audio: boolean;
}

// What providers add to a request that offers tools, at most: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview
const toolOverhead = 1_000;
// What a template writes around the turns: a date, a system prompt of its own (https://cookbook.openai.com/articles/openai-harmony).
const templateOverhead = 128;
// The most a picture counts on any of them: gpt-4o-mini at eight tiles, 2,833 + 8 × 5,667, else 2,833
// (https://developers.openai.com/api/docs/guides/images-vision).
const pictureTokens = { low: 2_833, most: 48_169 } as const;

// What is sent as data, in which a key says nothing of the request: schemas, arguments, results.
const dataKeys: ReadonlySet<string> = new Set([
  "tools",
  "toolConfig",
  "tool_choice",
  "response_format",
  "responseFormat",
  "responseSchema",
  "responseJsonSchema",
  "response_schema",
  "outputConfig",
  "output_config",
  "text",
  "schema",
  "json",
  "args",
  "arguments",
  "response",
  "metadata",
]);
const pictureKeys: ReadonlySet<string> = new Set(["image_url", "imageUrl", "image"]);
const mediaTypeKeys = ["media_type", "mediaType", "mimeType", "mime_type"] as const;
const referenceKeys = [
  "file_id",
  "fileId",
  "file_url",
  "fileUri",
  "file_uri",
  "document_url",
  "documentUrl",
  "s3Location",
  "video_url",
  "video",
] as const;
const mediumKeys: ReadonlySet<string> = new Set(["type", ...pictureKeys, ...mediaTypeKeys, ...referenceKeys]);
// What the provider keeps for the caller and reads again: https://developers.openai.com/api/docs/guides/conversation-state,
// https://ai.google.dev/gemini-api/docs/caching
const keptKeys = ["previous_response_id", "conversation", "prompt", "cachedContent", "cached_content"] as const;
// https://developers.openai.com/api/docs/guides/tools, https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview,
// https://ai.google.dev/gemini-api/docs/tools, https://docs.mistral.ai/agents/connectors
const feedingTools =
  /^(?:web_?search|web_?fetch|file_?search|code_?(?:interpreter|execution)|image_generation|mcp|google_?search|url_?context|retrieval|enterprise_?web_?search|google_?maps|vertex_?ai_?search|browser_?search|document_library|tool_search)/i;

/**
 * A token is at least one byte of UTF-8 in every vocabulary in use, so that a text of n bytes is never more than n tokens;
 * JSON's own signs make up for those a provider puts about the turns. A picture counts what it may at most, whatever its
 * bytes. What is compressed or lies elsewhere (a PDF, a document by its address) has no bound of its own.
 */
export function worstInput(request: object, forcedTool: boolean): WorstInput {
  const scan = new Scan();
  const record = request as Record<string, unknown>;
  scan.look(record, false, "");
  const config = { ...record, ...(isRecord(record.config) && record.config) } as Record<string, unknown>;
  const kept = keptKeys.find((key) => config[key] !== undefined && config[key] !== null);
  const tools = Array.isArray(config.tools) ? (config.tools as unknown[]) : [];
  const offers = forcedTool || tools.length > 0 || config.toolConfig !== undefined;
  const endless = isRecord(config.web_search_options) ? "web_search_options" : tools.map(feeding).find(Boolean);
  return {
    tokens: scan.bytes + scan.tokens + templateOverhead + (offers ? toolOverhead : 0),
    unbounded: kept === undefined ? scan.unbounded : `what \`${kept}\` stands for`,
    endless: endless === undefined ? undefined : `the provider's own tool ${endless}`,
    audio: scan.audio,
  };
}

function feeding(tool: unknown): string | undefined {
  if (!isRecord(tool)) return undefined;
  const names = typeof tool.type === "string" ? [tool.type] : Object.keys(tool);
  return names.find((name) => feedingTools.test(name));
}

class Scan {
  bytes = 0;
  tokens = 0;
  unbounded: string | undefined;
  audio = false;

  look(value: unknown, isData: boolean, key: string): void {
    if (typeof value === "string") this.#text(value, isData);
    else if (value instanceof Uint8Array) this.bytes += value.byteLength;
    else if (Array.isArray(value)) for (const item of value) this.look(item, isData, "");
    else if (isRecord(value)) this.#record(value, isData, key);
    else this.bytes += 8;
  }

  #text(text: string, isData: boolean): void {
    if (!isData && text.startsWith("data:image/")) this.#picture();
    else {
      if (!isData && text.startsWith("data:")) this.#file(text.slice(5, 100));
      this.bytes += utf8Length(text) + 3;
    }
  }

  #record(record: Record<string, unknown>, isData: boolean, key: string): void {
    if (!isData && this.#isMedium(record, key)) return;
    for (const name in record) {
      const value = record[name];
      if (value === undefined) continue;
      this.bytes += name.length + 4;
      // A tool's input on Anthropic and Bedrock is an object; the list of turns of OpenAI's Responses is not.
      const within = dataKeys.has(name) || (name === "input" && isRecord(value));
      this.look(value, isData || within, name);
    }
  }

  /** Counts what is a medium as a whole; tells whether it was one, whose parts need no look any more. */
  #isMedium(record: Record<string, unknown>, key: string): boolean {
    if (key !== "image" && key !== "document" && !mayBeMedium(record)) return false;
    const { type, source } = record;
    const mime = mediaTypeKeys.map((name) => record[name]).find((value) => typeof value === "string");
    if (mime !== undefined && /^image\//.test(mime as string)) return this.#picture();
    if (mime !== undefined) this.#file(mime as string);
    const isPicture = key === "image" && (isRecord(source) || record.bytes !== undefined);
    if (isPicture || (typeof type === "string" && /^(?:input_)?image(?:_url)?$/.test(type)))
      return this.#picture(detailOf(record));
    if (key === "document" && isRecord(source)) this.#file(String(record.format));
    if (type === "document" && isRecord(source) && (source.type === "url" || source.type === "file"))
      this.unbounded ??= "a document that lies elsewhere";
    for (const name of pictureKeys) if (typeof record[name] === "string" && type !== "text") return this.#picture();
    for (const name of referenceKeys)
      if (record[name] !== undefined && record[name] !== null) this.unbounded ??= `\`${name}\`, which lies elsewhere`;
    if (type === "input_audio" || type === "audio") this.audio = true;
    return false;
  }

  /** A file by what it is: text and sound are never more tokens than bytes, what is compressed may be. */
  #file(kind: string): void {
    if (/^audio\//.test(kind)) this.audio = true;
    else if (!/^(?:text\/|application\/(?:json|xml)|txt$|md$|csv$|html$)/.test(kind)) {
      this.unbounded ??= `a document of the type ${/^[\w./+-]*/.exec(kind)?.[0]}`;
    }
  }

  #picture(detail?: unknown): true {
    this.tokens += detail === "low" ? pictureTokens.low : pictureTokens.most;
    return true;
  }
}

function mayBeMedium(record: Record<string, unknown>): boolean {
  for (const name in record) if (mediumKeys.has(name)) return true;
  return false;
}

function detailOf(record: Record<string, unknown>): unknown {
  const { image_url, imageUrl, detail } = record;
  const inner = [image_url, imageUrl].find(isRecord);
  return detail ?? inner?.detail;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
