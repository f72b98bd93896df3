import type { ProviderTypes } from "../contract/provider.ts";
import { aiSdkReasons } from "../dialects/ai-sdk-reasons.ts";
import { toBase64 } from "../json/base64.ts";
import { plainOrLeftOut } from "../json/plain.ts";
import { toDataUrl } from "../message/data-url.ts";
import { textOf } from "../message/message.ts";
import type { ResultPart } from "../message/parts.ts";
import { sniff } from "../message/sniff.ts";
import type { CallResponse } from "../read/response.ts";
import type { Tool } from "../tools/tool.ts";
import { type ResponseOptions, respond, type Writer } from "./body.ts";
import { endOf } from "./event-response.ts";
import type { Piece, Streamed } from "./pieces.ts";

/**
 * The AI SDK's UI message stream, version 1: what `useChat` reads. Tools come as dynamic ones; usage and cost are in the
 * message's metadata. https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
 */
export function uiResponse<P extends ProviderTypes, T extends Tool>(
  source: Streamed<P, T>,
  options: ResponseOptions = {},
): Promise<Response> {
  return respond("uiResponse()", source, options, uiWriter());
}

export const uiHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache",
  connection: "keep-alive",
  "x-accel-buffering": "no",
  "x-vercel-ai-ui-message-stream": "v1",
};

/** A writer of that protocol. */
export function uiWriter(): Writer {
  const chunks = new UIChunks();
  const flush = () =>
    chunks
      .take()
      .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
      .join("");
  return {
    headers: uiHeaders,
    begin() {
      chunks.start();
      return flush();
    },
    write(pieces) {
      for (const piece of pieces) chunks.add(piece);
      return flush();
    },
    end() {
      chunks.finish();
      return `${flush()}data: [DONE]\n\n`;
    },
    fail({ message }) {
      chunks.fail(message);
      return `${flush()}data: [DONE]\n\n`;
    },
  };
}

/** The chunks of one message: blocks of text and thought that open and close, tools, steps. */
class UIChunks {
  #waiting: object[] = [];
  #open: { readonly type: "text" | "reasoning"; readonly id: string } | undefined;
  #blocks = 0;
  #step = false;
  /** True while only tools may follow in the step. */
  #answered = false;
  readonly #tools = new Set<string>();
  readonly #answers: CallResponse[] = [];
  #audio: Uint8Array[] = [];
  #value: { readonly last: unknown } | undefined;

  take(): object[] {
    const chunks = this.#waiting;
    this.#waiting = [];
    return chunks;
  }

  start(): void {
    this.#waiting.push({ type: "start" });
  }

  add(piece: Piece): void {
    if (piece.type === "tool_result") {
      this.#result(piece);
      return;
    }
    if (piece.type === "answer") {
      this.#answers.push(piece.response);
      // The tools of a step run after its answer: the step ends when the next one begins, or at the end.
      this.#sound();
      this.#close();
      this.#answered = true;
      return;
    }
    if (this.#answered && piece.type !== "tool_call") this.#endStep();
    this.#beginStep();
    switch (piece.type) {
      case "text":
        this.#block("text", piece.text);
        return;
      case "thinking":
        this.#block("reasoning", piece.text);
        return;
      case "audio":
        this.#audio.push(piece.data);
        return;
      case "value":
        this.#value = { last: piece.value };
        return;
      case "tool_delta":
        this.#toolStart(piece.id, piece.name);
        this.#waiting.push({ type: "tool-input-delta", toolCallId: piece.id, inputTextDelta: piece.text });
        return;
      case "tool_call":
        this.#close();
        this.#toolStart(piece.id, piece.name);
        this.#waiting.push({
          type: "tool-input-available",
          toolCallId: piece.id,
          toolName: piece.name,
          input: plainOrLeftOut(piece.input),
          dynamic: true,
        });
    }
  }

  finish(): void {
    if (this.#value !== undefined) {
      this.#beginStep();
      this.#block("text", JSON.stringify(this.#value.last));
    }
    this.#sound();
    this.#endStep();
    const { stopReason = "other" } = this.#answers.at(-1) ?? {};
    this.#waiting.push({
      type: "finish",
      finishReason: aiSdkReasons[stopReason],
      messageMetadata: plainOrLeftOut(endOf(this.#answers)),
    });
  }

  fail(errorText: string): void {
    this.#endStep();
    this.#waiting.push({ type: "error", errorText }, { type: "finish", finishReason: "error" });
  }

  #result({ id, output, isError }: Extract<Piece, { type: "tool_result" }>): void {
    // A call that was told to the model as wrong was never shown as one.
    if (!this.#tools.has(id)) return;
    const chunk = isError
      ? { type: "tool-output-error", toolCallId: id, errorText: textIn(output), dynamic: true }
      : { type: "tool-output-available", toolCallId: id, output: plainOrLeftOut(output) ?? null, dynamic: true };
    this.#waiting.push(chunk);
  }

  #toolStart(toolCallId: string, toolName: string): void {
    if (this.#tools.has(toolCallId)) return;
    this.#close();
    this.#tools.add(toolCallId);
    this.#waiting.push({ type: "tool-input-start", toolCallId, toolName, dynamic: true });
  }

  #block(type: "text" | "reasoning", delta: string): void {
    if (this.#open?.type !== type) {
      this.#close();
      this.#open = { type, id: `${type}-${this.#blocks++}` };
      this.#waiting.push({ type: `${type}-start`, id: this.#open.id });
    }
    this.#waiting.push({ type: `${type}-delta`, id: this.#open?.id, delta });
  }

  #close(): void {
    if (this.#open !== undefined) this.#waiting.push({ type: `${this.#open.type}-end`, id: this.#open.id });
    this.#open = undefined;
  }

  /** Sound is a file, which is sent whole. */
  #sound(): void {
    if (this.#audio.length === 0) return;
    const data = new Uint8Array(this.#audio.reduce((total, { length }) => total + length, 0));
    let at = 0;
    for (const piece of this.#audio) {
      data.set(piece, at);
      at += piece.length;
    }
    this.#audio = [];
    const mediaType = sniff(data)?.mediaType ?? "audio/pcm";
    this.#waiting.push({ type: "file", url: toDataUrl({ data: toBase64(data), mediaType }), mediaType });
  }

  #beginStep(): void {
    if (this.#step) return;
    this.#step = true;
    this.#waiting.push({ type: "start-step" });
  }

  #endStep(): void {
    this.#close();
    this.#answered = false;
    if (this.#step) this.#waiting.push({ type: "finish-step" });
    this.#step = false;
  }
}

/** What an error says; media have no place in its text. */
function textIn(output: unknown): string {
  return Array.isArray(output) ? textOf(output as readonly ResultPart[]) : String(output);
}
