import { joinTexts } from "../message/message.ts";
import { FilePart, type ResultContent, type ResultPart } from "../message/parts.ts";
import { changed, type Note } from "./changes.ts";
import type { Provider, ProviderTypes } from "./provider.ts";
import { unsupportedPart } from "./unsupported-part.ts";

/** What of a provider decides which results of tools it takes. */
export type ResultTaker = Pick<Provider<ProviderTypes>, "name" | "resultMedia">;

/**
 * A tool's result as a provider takes it: one text where it takes nothing else. Throws `UnsupportedError`, which names
 * the provider and the kind, for a medium that has no place there.
 */
export function fitResult(content: ResultContent, taker: ResultTaker, note: Note = () => {}): ResultContent {
  if (typeof content === "string") return content;
  const { name, resultMedia = [] } = taker;
  for (const part of content) {
    if (part.type === "text") continue;
    const kind = kindOf(part);
    if (!resultMedia.includes(kind)) {
      const taken = ["text", ...resultMedia].join(", ");
      throw unsupportedPart(
        name,
        kind,
        "a tool's result",
        `it takes ${taken} there, and other media in a user message`,
      );
    }
  }
  return resultMedia.length === 0 ? joinTexts(content, () => note(changed.joined)) : content;
}

/** The text of a tool's result, for a provider that takes nothing else. Throws `UnsupportedError` for media. */
export function textResult(content: ResultContent, provider: string): string {
  const fitted = fitResult(content, { name: provider });
  return typeof fitted === "string" ? fitted : joinTexts(fitted);
}

function kindOf(part: Exclude<ResultPart, { type: "text" }>): "image" | "audio" | "document" {
  return part instanceof FilePart ? part.kind : part.type;
}
