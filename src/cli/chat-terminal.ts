import { createInterface, type Interface } from "node:readline/promises";
import { styleText } from "node:util";
import { callFailure, failureText } from "./call-failure.ts";
import type { ChatSession } from "./chat-session.ts";
import { type ExitCode, exitCodes, Misuse } from "./misuse.ts";
import { moneyText } from "./money-text.ts";
import { printable } from "./printable.ts";
import { say } from "./say.ts";

const help = `/clear  forgets the turns      /tools  lists the tools
/cost   says what it came to   /exit   ends, as Ctrl-D does
A line that ends in \\ goes on in the next. Ctrl-C leaves an answer, and ends the chat where there is none.
`;
const longestResult = 300;

/** A conversation that is typed: cost in the prompt, answers as they come, a question before each tool. */
export async function chatOnTerminal(session: ChatSession, keep: () => void, yes: boolean): Promise<ExitCode> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const chat = new TerminalChat(session, terminal, keep, yes);
  say(dim("/help says what can be typed.\n"));
  try {
    return await chat.run();
  } finally {
    terminal.close();
  }
}

class TerminalChat {
  readonly #session: ChatSession;
  readonly #terminal: Interface;
  readonly #keep: () => void;
  readonly #allowed = new Set<string>();
  readonly #ended = new AbortController();
  #answering: AbortController | undefined;
  readonly #allowsAll: boolean;
  #isInterrupted = false;

  constructor(session: ChatSession, terminal: Interface, keep: () => void, yes: boolean) {
    this.#session = session;
    this.#terminal = terminal;
    this.#keep = keep;
    this.#allowsAll = yes;
    terminal.on("SIGINT", () => {
      if (this.#answering !== undefined) this.#answering.abort(new Error("Left."));
      else {
        this.#isInterrupted = true;
        terminal.close();
      }
    });
    terminal.on("close", () => {
      this.#ended.abort();
      this.#answering?.abort(new Error("Left."));
    });
  }

  async run(): Promise<ExitCode> {
    for (let text = await this.#read(); text !== undefined; text = await this.#read()) {
      if (text.trim() === "") continue;
      if (text.startsWith("/")) {
        if (this.#command(text.trim())) break;
      } else await this.#turn(text);
    }
    if (!this.#ended.signal.aborted) return exitCodes.fine;
    say("\n");
    return this.#isInterrupted ? exitCodes.interrupted : exitCodes.fine;
  }

  async #read(): Promise<string | undefined> {
    let text = "";
    for (;;) {
      const line = await this.#question(text === "" ? `${this.#spent()} > ` : "… ");
      if (line === undefined) return undefined;
      if (!line.endsWith("\\")) return text + line;
      text += `${line.slice(0, -1)}\n`;
    }
  }

  /** `undefined` where the input has ended. */
  #question(prompt: string): Promise<string | undefined> {
    if (this.#ended.signal.aborted) return Promise.resolve(undefined);
    return this.#terminal.question(prompt, { signal: this.#ended.signal }).catch(() => undefined);
  }

  #spent(): string {
    const { cost, isLeast } = this.#session;
    return `${isLeast ? "≥ " : ""}${moneyText(cost)}`;
  }

  /** True for the one that ends the chat. */
  #command(text: string): boolean {
    if (text === "/exit" || text === "/quit") return true;
    const words: Readonly<Record<string, () => string>> = {
      "/help": () => help,
      "/cost": () => `${this.#spent()}\n`,
      "/tools": () =>
        this.#session.tools
          .map(({ name, description }) => `${printable(`${name}  ${description ?? ""}`.split("\n")[0] ?? "")}\n`)
          .join("") || "There are none: --mcp brings some.\n",
      "/clear": () => {
        this.#session.clear();
        this.#keep();
        return "Forgotten.\n";
      },
    };
    say(
      dim(
        Object.hasOwn(words, text)
          ? (words[text]?.() ?? "")
          : `There is no ${printable(text)}; /help says what there is.\n`,
      ),
    );
    return false;
  }

  async #turn(text: string): Promise<void> {
    this.#answering = new AbortController();
    const { signal } = this.#answering;
    try {
      await this.#session.ask(
        text,
        { event: (event) => this.#event(event), approve: (pending) => this.#approve(pending) },
        signal,
      );
      this.#keep();
      say("\n");
    } catch (error) {
      say("\n");
      if (signal.aborted) say(dim("Left: the turn is not kept.\n"));
      else {
        const failure = callFailure(error);
        if (failure instanceof Misuse) throw failure;
        say(`${styleText("red", printable(failureText(failure)), { stream: process.stdout })}\n`);
      }
    } finally {
      this.#answering = undefined;
    }
  }

  #event(event: Parameters<Parameters<ChatSession["ask"]>[1]["event"]>[0]): void {
    if (event.type === "chunk") say(printable(event.chunk.content));
    if (event.type !== "tool_result") return;
    const text = printable(typeof event.output === "string" ? event.output : (JSON.stringify(event.output) ?? ""));
    say(
      dim(
        `\n${event.isError ? "✗" : "←"} ${event.name}: ${text.length > longestResult ? `${text.slice(0, longestResult)}…` : text}\n`,
      ),
    );
  }

  async #approve({ name, arguments: given }: { readonly name: string; readonly arguments: string }): Promise<boolean> {
    if (this.#allowsAll || this.#allowed.has(name)) {
      say(dim(`\n→ ${name} ${printable(given)}`));
      return true;
    }
    say("\n");
    const said = await this.#question(`${dim(`→ ${name} ${printable(given)}`)}\nRun it? [y]es, [n]o, [a]lways: `);
    if (/^a/i.test(said ?? "")) this.#allowed.add(name);
    return /^[ya]/i.test(said ?? "");
  }
}

function dim(text: string): string {
  return styleText("dim", text, { stream: process.stdout });
}
