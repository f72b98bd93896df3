import type { LanguageModelV4, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { UnsupportedError } from "../errors/errors.ts";
import { providerName } from "./prompt.ts";

type Message = LanguageModelV4Prompt[number];
type Model = Pick<LanguageModelV4, "provider" | "supportedUrls">;

interface File {
  readonly type: "file";
  readonly mediaType: string;
  readonly data: { readonly type: string; readonly url?: URL | string };
}

// The models that send a file in a tool's result as one. The others of the SDK write it into a text, as JSON with the bytes
// in base64: https://github.com/vercel/ai/tree/main/packages (each provider's conversion of messages).
const takesResultFiles = /^(?!xai\.).*\.responses$|^(?:anthropic|google|vertex|amazon-bedrock|bedrock)\b/;

/**
 * Looks at the files of a prompt, which the model itself would drop, fail at or write as text. Throws `UnsupportedError`: for
 * an address that it does not read, and for a file in a tool's result where it takes none.
 */
export async function checkFiles(model: Model, prompt: LanguageModelV4Prompt): Promise<void> {
  const inResults = prompt.flatMap(resultFilesOf);
  const [first] = inResults;
  if (first !== undefined && !takesResultFiles.test(model.provider)) {
    const kind = kindOf(first);
    const message = `${model.provider}, a model of the AI SDK, writes the ${kind} of a tool's result as text: give it in a user message.`;
    throw new UnsupportedError(providerName, kind, message);
  }
  const addressed = [...prompt.flatMap(filesOf), ...inResults].filter(({ data }) => data.type === "url");
  if (addressed.length === 0) return;
  const supported = await model.supportedUrls;
  for (const file of addressed) {
    if (isSupported(file, supported)) continue;
    const kind = kindOf(file);
    const scheme = String(file.data.url).split(":")[0];
    const message = `${model.provider}, a model of the AI SDK, does not read this ${scheme}: address of ${kind} itself: give the bytes.`;
    throw new UnsupportedError(providerName, `${kind} url`, message);
  }
}

function filesOf(message: Message): readonly File[] {
  return message.role === "user" ? message.content.filter((part) => part.type === "file") : [];
}

function resultFilesOf(message: Message): readonly File[] {
  if (message.role !== "tool") return [];
  return message.content.flatMap((part) => {
    if (part.type !== "tool-result" || part.output.type !== "content") return [];
    return part.output.value.filter((item) => item.type === "file");
  });
}

function kindOf({ mediaType }: File): string {
  const [kind = ""] = mediaType.split("/");
  return ["image", "audio", "video"].includes(kind) ? kind : "document";
}

// The keys are media types, or patterns of them: `*`, `image/*`.
function isSupported({ mediaType, data }: File, supported: Readonly<Record<string, readonly RegExp[]>>): boolean {
  const [kind = ""] = mediaType.toLowerCase().split("/");
  const address = String(data.url);
  return Object.entries(supported).some(([pattern, addresses]) => {
    const fits = ["*", "*/*", `${kind}/*`, mediaType.toLowerCase()].includes(pattern.toLowerCase());
    return fits && addresses.some((one) => one.test(address));
  });
}

/** The prompt with its addresses as URL objects, which the specification wants: JSON makes texts of them. */
export function withUrls(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const texts = prompt.flatMap((message) => [...filesOf(message), ...resultFilesOf(message)]);
  if (!texts.some(({ data }) => typeof data.url === "string")) return prompt;
  return prompt.map((message) => revived(message) as Message);
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof URL) return value;
  const { type, url } = value as { readonly type?: unknown; readonly url?: unknown };
  if (type === "url" && typeof url === "string") return { ...value, url: new URL(url) };
  const { content, output, data } = value as Readonly<Record<string, unknown>>;
  const { value: items } = (output ?? {}) as { readonly value?: unknown };
  return {
    ...value,
    ...(content !== undefined && { content: revived(content) }),
    ...(data !== undefined && { data: revived(data) }),
    ...(Array.isArray(items) && { output: { ...(output as object), value: items.map(revived) } }),
  };
}
