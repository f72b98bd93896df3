import { readFilePart } from "../message/media.ts";
import { isPart } from "../message/message.ts";
import { isMadeHere, mediumMadeHere } from "../message/origin.ts";
import { FilePart, type ResultContent, type ResultPart, type TextPart } from "../message/parts.ts";
import { invalidOutput, serializeOutput } from "./tool-output.ts";

type Medium = Exclude<ResultPart, TextPart>;

/**
 * A tool's output as the model is to have it. A medium, or a list of texts and media with at least one medium in it, is
 * sent as such; everything else is text (`serializeOutput`). Throws `ToolError` for what is neither.
 */
export function toResultContent(toolName: string, output: unknown): ResultContent {
  if (typeof output !== "object" || output === null) return serializeOutput(toolName, output);
  if (isMedium(output)) return [checked(toolName, output)];
  if (!Array.isArray(output) || !output.some(isMedium)) return serializeOutput(toolName, output);
  return output.flatMap((item: unknown, index): ResultPart[] => {
    if (isMedium(item)) return [checked(toolName, item)];
    const text = typeof item === "string" ? item : isText(item) ? item.text : undefined;
    if (text === undefined) {
      const why = `beside media it holds texts and media only, and element ${index} is neither: give data as JSON text`;
      throw invalidOutput(toolName, why);
    }
    return text === "" ? [] : [{ type: "text", text: text.toWellFormed() }];
  });
}

/** The same with all files read: plain data. */
export async function settleOutput(
  toolName: string,
  output: unknown,
  signal: AbortSignal | undefined,
): Promise<ResultContent> {
  const content = toResultContent(toolName, output);
  if (typeof content === "string" || !content.some((part) => part instanceof FilePart)) return content;
  const read = (part: ResultPart) => (part instanceof FilePart ? readFilePart(part, { signal }) : part);
  return Promise.all(content.map(read));
}

/** Results that were settled here and went through JSON, as they were: what a journal keeps of a tool that ran. */
export function revivedContent(content: ResultContent): ResultContent {
  return typeof content === "string" ? content : content.map((part) => mediumMadeHere({ ...part }));
}

function isMedium(value: unknown): value is Medium {
  return isPart(value) && ["image", "audio", "document", "file"].includes(value.type);
}

function isText(value: unknown): value is TextPart {
  return isPart(value) && value.type === "text";
}

// An object of the web that looks like a medium must not make a provider fetch the address in it. One with bytes is shown
// as what it says it is, and nobody fetches anything.
function checked(toolName: string, medium: Medium): Medium {
  if (medium instanceof FilePart || medium.url === undefined || isMadeHere(medium)) return medium;
  const { type } = medium;
  throw invalidOutput(
    toolName,
    `it looks like a part of the type ${type} with an address, and only ${type}(url) makes one: return that, or JSON.stringify(output) where it is data`,
  );
}
