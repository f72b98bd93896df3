import { text as readText } from "node:stream/consumers";
import type { CommonParams } from "../contract/provider.ts";
import { callFailure } from "./call-failure.ts";
import { callScope } from "./call-scope.ts";
import { readHistory, writeHistory } from "./chat-history.ts";
import { oneTurn, turnsByLines } from "./chat-pipe.ts";
import { ChatSession } from "./chat-session.ts";
import type { OptionValues } from "./command.ts";
import { serverTools } from "./mcp-tools.ts";
import { type ExitCode, exitCodes, Misuse } from "./misuse.ts";

const usage = 'callscope chat openai/gpt-4o-mini "Recommend a book"';

/** Talks with a model: one turn, a turn a line, or a conversation that is typed. */
export async function run(values: OptionValues, [model, ...words]: readonly string[]): Promise<ExitCode> {
  if (model === undefined) throw new Misuse(`Name a model: ${usage}.`);
  const isTyped = words.length === 0 && !values.lines && process.stdin.isTTY === true;
  if (isTyped && values.json) throw new Misuse(`--json needs a message, or --lines: ${usage} --json.`);
  const servers = (values.mcp as readonly string[] | undefined) ?? [];
  if (servers.length > 0 && !isTyped && !values.yes) {
    throw new Misuse("Nobody can be asked before a tool runs: --yes lets all of them run.");
  }
  const callParams = paramsOf(values);
  const file = values.history as string | undefined;
  const messages = file === undefined ? [] : readHistory(file);
  const { tools, close } = await serverTools(servers);
  try {
    const system = values.system as string | undefined;
    const session = sessionOf({ model, system, callParams, tools, messages });
    const keep = () => {
      if (file !== undefined) writeHistory(file, session.messages);
    };
    const piped = { json: values.json === true, keep };
    return await callScope(values, undefined, async () => {
      if (isTyped) return (await import("./chat-terminal.ts")).chatOnTerminal(session, keep, values.yes === true);
      if (values.lines) await turnsByLines(session, piped);
      else await oneTurn(session, await messageOf(words), piped);
      return exitCodes.fine;
    });
  } finally {
    await close();
  }
}

function sessionOf(options: ConstructorParameters<typeof ChatSession>[0]): ChatSession {
  try {
    return new ChatSession(options);
  } catch (error) {
    throw callFailure(error);
  }
}

/** The words of the command, `-` among them standing for the standard input; without any that alone. */
async function messageOf(words: readonly string[]): Promise<string> {
  const reads = words.length === 0 || words.includes("-");
  const input = reads ? await readText(process.stdin) : "";
  const message = words.length === 0 ? input : words.map((word) => (word === "-" ? `\n\n${input}` : word)).join(" ");
  if (message.trim() === "") throw new Misuse(`There is no message: ${usage}.`);
  return message;
}

function paramsOf(values: OptionValues): CommonParams {
  const { "max-tokens": most, temperature } = values;
  if (most !== undefined && !/^[1-9]\d{0,8}$/.test(String(most)))
    throw new Misuse("--max-tokens takes a whole number.");
  if (temperature !== undefined && !/^\d*\.?\d+$/.test(String(temperature)))
    throw new Misuse("--temperature takes a number.");
  return {
    ...(most !== undefined && { maxTokens: Number(most) }),
    ...(temperature !== undefined && { temperature: Number(temperature) }),
  };
}
