import type { CommandSpec } from "./command.ts";
import { commands, commonOptions } from "./commands.ts";

/** What `callscope --help` prints. */
export function overview(): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`);
  return `callscope COMMAND [OPTION …]

${lines.join("\n")}

  callscope COMMAND --help says more of one, callscope --version which version this is.
  Exit codes: 0 fine, 1 findings or failed rows, 2 misuse, 3 the call failed, 4 stopped before its end,
  130 interrupted.
`;
}

/** What `callscope COMMAND --help` prints. */
export function commandHelp({ usage, summary, about, options }: CommandSpec): string {
  const all = Object.entries({ ...options, ...commonOptions });
  const written = all.map(([name, { short, value }]) => {
    return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  });
  const width = Math.max(...written.map((text) => text.length)) + 2;
  const lines = all.map(([, option], index) => `  ${(written[index] ?? "").padEnd(width)}${option.about}`);
  return `${usage}: ${summary}\n\n${about}\n\n${lines.join("\n")}\n`;
}
