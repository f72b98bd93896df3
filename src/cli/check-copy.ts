import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Misuse } from "./misuse.ts";

/**
 * The modules are to use the package that this command is a part of: in another copy of it nothing would keep their
 * requests from leaving. Throws `Misuse`.
 */
export function checkCopy(): void {
  const own = realpathSync(fileURLToPath(new URL("../../package.json", import.meta.url)));
  let theirs: string;
  try {
    theirs = realpathSync(createRequire(resolve("module.js")).resolve("callscope/package.json"));
  } catch {
    // None is installed here: then the modules say by themselves where theirs is.
    return;
  }
  if (theirs !== own) {
    throw new Misuse(`This is the command of ${own}, but modules here use ${theirs}: run that one, npx callscope.`);
  }
}
