import { existsSync } from "node:fs";
import { definition } from "../call/types.ts";
import { loopCall } from "../loop/types.ts";
import { checkCopy } from "./check-copy.ts";
import { importModule } from "./config.ts";
import { Misuse } from "./misuse.ts";

/** A call, a loop or another call made of calls that a module exports. */
export type FoundCall = (...args: unknown[]) => unknown;

/** The call that `module.ts#export` names; without an export the module's only one. Throws `Misuse`. */
export async function findCall(named: string | undefined, usage: string): Promise<FoundCall> {
  if (named === undefined) throw new Misuse(`Name a call: ${usage}.`);
  const at = named.lastIndexOf("#");
  const file = at === -1 ? named : named.slice(0, at);
  const name = at === -1 ? undefined : named.slice(at + 1);
  if (!existsSync(file)) throw new Misuse(`There is no module ${file}.`);
  checkCopy();
  const exports = await importModule(file);
  const calls = Object.keys(exports).filter((key) => isCall(exports[key]));
  if (name === undefined) {
    const [only] = calls;
    if (only !== undefined && calls.length === 1) return exports[only] as FoundCall;
    throw new Misuse(
      calls.length === 0 ? `${file} exports no call.` : `Which of ${calls.join(", ")}? ${file}#${only}.`,
    );
  }
  if (calls.includes(name)) return exports[name] as FoundCall;
  if (Object.hasOwn(exports, name)) throw new Misuse(`${name} of ${file} is no call of callscope.`);
  throw new Misuse(`${file} has no export ${name}; its calls are ${calls.join(", ") || "none"}.`);
}

function isCall(value: unknown): boolean {
  return typeof value === "function" && (Reflect.has(value, definition) || Reflect.has(value, loopCall));
}
