import type { ProviderTypes } from "../contract/provider.ts";
import type { Tool } from "../tools/tool.ts";
import { type ResponseOptions, respond, type Writer } from "./body.ts";
import type { Streamed } from "./pieces.ts";

/**
 * The text as it comes, as `text/plain`; of a structured stream the validated value as JSON, at its end. An error before
 * the first event is a JSON body under its status. Plain text has no place for one in the middle: the body is broken off.
 */
export function textResponse<P extends ProviderTypes, T extends Tool>(
  source: Streamed<P, T>,
  options: ResponseOptions = {},
): Promise<Response> {
  return respond("textResponse()", source, options, textWriter());
}

function textWriter(): Writer {
  let value: { readonly last: unknown } | undefined;
  return {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache", "x-accel-buffering": "no" },
    write(pieces) {
      let text = "";
      for (const piece of pieces) {
        if (piece.type === "text") text += piece.text;
        else if (piece.type === "value") value = { last: piece.value };
      }
      return text;
    },
    end: () => (value === undefined ? "" : JSON.stringify(value.last)),
  };
}
