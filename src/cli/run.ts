import { text } from "node:stream/consumers";
import { askCall } from "./ask-call.ts";
import { askedData, figuresText, valueText } from "./asked-text.ts";
import { callFailure } from "./call-failure.ts";
import { callScope } from "./call-scope.ts";
import type { OptionValues } from "./command.ts";
import { findCall } from "./find-call.ts";
import { interruptible } from "./interrupt.ts";
import { type ExitCode, exitCodes, Misuse } from "./misuse.ts";
import { printable, shownOn } from "./printable.ts";
import { say, warn } from "./say.ts";

const usage = "callscope run books.ts#recommend --args '[\"fantasy\"]'";

/** Calls one call of a module and prints what it gives. */
export async function run(values: OptionValues, [named, ...more]: readonly string[]): Promise<ExitCode> {
  if (more.length > 0) throw new Misuse(`Arguments of the call are given as JSON: ${usage}.`);
  const args = argumentsOf(values.args === "-" ? await text(process.stdin) : values.args);
  const call = await findCall(named, usage);
  const began = performance.now();
  return interruptible(async (signal) => {
    let told = "";
    const tell = (piece: string) => {
      told += piece;
      if (!values.json) say(shownOn(process.stdout, piece));
    };
    try {
      const asked = await callScope(values, signal, () => askCall(call, args, tell));
      if (values.json) say(`${JSON.stringify(askedData(asked), null, 2)}\n`);
      else {
        // Of a loop what came before its last answer is told, too.
        const rest = told === "" ? valueText(asked) : "";
        say(`${shownOn(process.stdout, rest)}${(told || rest).endsWith("\n") ? "" : "\n"}`);
        if (process.stderr.isTTY) warn(`${printable(figuresText(asked, performance.now() - began))}\n`);
      }
      return asked.status === "awaiting_approval" ? exitCodes.stopped : exitCodes.fine;
    } catch (error) {
      if (told !== "" && !values.json) say("\n");
      throw callFailure(error, signal);
    }
  });
}

/** A list is the arguments, anything else is the one argument. */
function argumentsOf(given: unknown): readonly unknown[] {
  if (given === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(String(given));
  } catch {
    throw new Misuse(`--args takes JSON, a list of the call's arguments: ${usage}.`);
  }
  return Array.isArray(value) ? value : [value];
}
