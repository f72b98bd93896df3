import type { ProviderTypes } from "../contract/provider.ts";
import { plainOrLeftOut, toBase64 } from "../json/plain.ts";
import type { CallResponse } from "../read/response.ts";
import type { Tool } from "../tools/tool.ts";
import { type ResponseOptions, respond, type Writer } from "./body.ts";
import type { Piece, Streamed } from "./pieces.ts";

/**
 * Server-sent events with JSON data: `chunk` (`content`, `thinking`, `audio` as base64, or `value` of a structured stream),
 * `tool_call` (`id name input`), `tool_result` (`id name output isError`), `done` (`stopReason inputTokens outputTokens
 * cost model`), `error` (`kind message`). An error before the first event is a JSON body under its status.
 */
export function eventResponse<P extends ProviderTypes, T extends Tool>(
  source: Streamed<P, T>,
  options: ResponseOptions = {},
): Promise<Response> {
  return respond("eventResponse()", source, options, eventWriter());
}

function eventWriter(): Writer {
  const answers: CallResponse[] = [];
  return {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    },
    write(pieces) {
      let text = "";
      for (const piece of pieces) {
        if (piece.type === "answer") answers.push(piece.response);
        else text += event(...written(piece));
      }
      return text;
    },
    end: () => event("done", endOf(answers)),
    fail: ({ kind, message }) => event("error", { kind, message }),
  };
}

function written(piece: Exclude<Piece, { type: "answer" }>): [name: string, data: object] {
  switch (piece.type) {
    case "text":
      return ["chunk", { content: piece.text }];
    case "thinking":
      return ["chunk", { thinking: piece.text }];
    case "audio":
      return ["chunk", { audio: toBase64(piece.data) }];
    case "value":
      return ["chunk", { value: plainOrLeftOut(piece.value) }];
    case "tool_delta":
      return ["chunk", { tool: { id: piece.id, name: piece.name, delta: piece.text } }];
    case "tool_call":
      return ["tool_call", { id: piece.id, name: piece.name, input: plainOrLeftOut(piece.input) }];
    case "tool_result": {
      const { id, name, output, isError } = piece;
      return ["tool_result", { id, name, output: plainOrLeftOut(output), isError }];
    }
  }
}

/** What a page may want to know at the end: all answers together. */
export function endOf(answers: readonly CallResponse[]): object {
  const last = answers.at(-1);
  return {
    stopReason: last?.stopReason,
    inputTokens: sum(answers.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(answers.map(({ outputTokens }) => outputTokens)),
    cost: sum(answers.map(({ total }) => total.cost)),
    model: last?.model,
  };
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((total, value) => (total === undefined || value === undefined ? undefined : total + value), 0);
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
