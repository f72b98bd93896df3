import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Command, CommandSpec } from "./command.ts";
import { commands, commonOptions } from "./commands.ts";
import { exitCodes, Failure, Misuse } from "./misuse.ts";
import { shownOn } from "./printable.ts";
import { say, warn } from "./say.ts";

// Each is loaded when it is run.
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  lock: () => import("./lock.ts"),
  lint: () => import("./lint.ts"),
  models: () => import("./models.ts"),
  prices: () => import("./prices.ts"),
  view: () => import("./view.ts"),
  chat: () => import("./chat.ts"),
  run: () => import("./run.ts"),
  rows: () => import("./rows.ts"),
  batch: () => import("./batch.ts"),
  completion: () => import("./completion.ts"),
};

/** Runs the command that the arguments name and gives the exit code; see `exitCodes`. */
export async function main(args: readonly string[]): Promise<number> {
  // Whoever reads the answer may have read enough: `callscope prices | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  try {
    return await dispatch(args);
  } catch (error) {
    // What fails here in another way is no finding either.
    const isOurs = error instanceof Misuse || error instanceof Failure;
    const text = isOurs ? `callscope: ${error.message}` : String((error as Error)?.stack ?? error);
    warn(`${shownOn(process.stderr, text)}\n`);
    return error instanceof Failure ? error.code : exitCodes.misuse;
  }
}

async function dispatch(args: readonly string[]): Promise<number> {
  const [first = "--help", ...rest] = args;
  if (first === "--version" || first === "-v") return done(`${version()}\n`);
  if (first === "--help" || first === "-h" || first === "help") return done(await helpOf(rest[0]));
  const command = commandNamed(first);
  const { values, positionals } = parse(command, rest);
  if (values.help) return done(await helpOf(command.name));
  const loaded = await loaders[command.name]?.();
  const outcome = (await loaded?.run(values, positionals)) ?? false;
  return typeof outcome === "number" ? outcome : outcome ? exitCodes.findings : exitCodes.fine;
}

function commandNamed(name: string): CommandSpec {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  throw new Misuse(`There is no command "${name}"; there are ${commands.map((command) => command.name).join(", ")}.`);
}

function parse({ name, options }: CommandSpec, args: string[]) {
  try {
    return parseArgs({ args, options: { ...options, ...commonOptions }, allowPositionals: true, strict: true });
  } catch (error) {
    // What node says of an unknown option is a sentence, sometimes followed by advice about `--`.
    const [sentence = ""] = (error as Error).message.split(". To specify");
    throw new Misuse(`${sentence.replace(/\.$/, "")}. See callscope ${name} --help.`);
  }
}

async function helpOf(name: string | undefined): Promise<string> {
  const { commandHelp, overview } = await import("./help.ts");
  return name === undefined || name.startsWith("-") ? overview() : commandHelp(commandNamed(name));
}

function version(): string {
  // The same two steps up from the source and from what is built of it.
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function done(text: string): number {
  say(text);
  return exitCodes.fine;
}
