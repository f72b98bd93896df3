import { createInterface } from "node:readline";
import { callFailure } from "./call-failure.ts";
import type { ChatSession } from "./chat-session.ts";
import { interruptible } from "./interrupt.ts";
import { shownOn } from "./printable.ts";
import { say } from "./say.ts";

/** How turns are had that nobody types. */
export interface PipeOptions {
  readonly json: boolean;
  /** Keeps the conversation. */
  keep(): void;
}

/** One turn: the answer goes to the standard output as it comes, or as one value. */
export async function oneTurn(
  session: ChatSession,
  text: string,
  { json, keep }: PipeOptions,
  indent = 2,
): Promise<void> {
  await interruptible(async (signal) => {
    let told = "";
    const tell = (piece: string) => {
      told += piece;
      if (!json) say(shownOn(process.stdout, piece));
    };
    const listener = {
      event: (event: Parameters<Parameters<ChatSession["ask"]>[1]["event"]>[0]) => {
        if (event.type === "chunk") tell(event.chunk.content);
      },
      // It was said before that all may run; without tools nothing asks.
      approve: async () => true as const,
    };
    try {
      const turn = await session.ask(text, listener, signal);
      keep();
      if (json) say(`${JSON.stringify(turn, null, indent)}\n`);
      else say(told.endsWith("\n") ? "" : "\n");
    } catch (error) {
      if (told !== "" && !json) say("\n");
      throw callFailure(error, signal);
    }
  });
}

/** Each line of the standard input is a turn of one conversation. */
export async function turnsByLines(session: ChatSession, options: PipeOptions): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== "") await oneTurn(session, line, options, 0);
  }
}
