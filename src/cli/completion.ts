import { providerNames } from "../any-provider.ts";
import type { CommandSpec, OptionSpec, OptionValues } from "./command.ts";
import { commands, commonOptions } from "./commands.ts";
import { Misuse } from "./misuse.ts";
import { say } from "./say.ts";

const shells = { bash, zsh, fish };

/** Prints the script that completes the command in a shell. */
export function run(_: OptionValues, [shell, ...more]: readonly string[]): boolean {
  if (shell === undefined || !Object.hasOwn(shells, shell) || more.length > 0) {
    throw new Misuse(`Name one shell: callscope completion ${Object.keys(shells).join("|")}.`);
  }
  say(shells[shell as keyof typeof shells]());
  return false;
}

const names = () => commands.map(({ name }) => name).join(" ");
const optionsOf = ({ options }: CommandSpec) => Object.entries({ ...options, ...commonOptions });
const flagsOf = (command: CommandSpec) =>
  optionsOf(command)
    .map(([name]) => `--${name}`)
    .join(" ");

/** The words that the value of an option is one of; `undefined` where it may be anything. */
function wordsOf({ choices }: OptionSpec): string | undefined {
  if (choices === "providers") return `${providerNames.join(" ")} own`;
  return typeof choices === "string" || choices === undefined ? undefined : choices.join(" ");
}

/** By its name, what bash completes the value of an option to. */
function bashValues(): string[] {
  const all = new Map(commands.flatMap(({ options }) => Object.entries(options)));
  return Array.from(all, ([name, option]) => {
    const words = wordsOf(option);
    if (words !== undefined) return `    --${name}) COMPREPLY=($(compgen -W "${words}" -- "$current")); return ;;`;
    if (option.choices === "files") return `    --${name}) COMPREPLY=($(compgen -f -- "$current")); return ;;`;
    return option.type === "string" ? `    --${name}) return ;;` : "";
  }).filter((line) => line !== "");
}

function bash(): string {
  const cases = commands.map((command) => `    ${command.name}) flags="${flagsOf(command)}" ;;`);
  const models = commands.filter(({ completes }) => completes === "models").map(({ name }) => name);
  return `# bash completion for callscope
_callscope() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" flags=""
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${names()} --help --version" -- "$current"))
    return
  fi
  case "$before" in
${bashValues().join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [[ " ${models.join(" ")} " == *" \${COMP_WORDS[1]} "* ]]; then
    if [[ $COMP_CWORD -eq 2 ]]; then
      COMPREPLY=($(compgen -W "${providerNames.map((name) => `${name}/`).join(" ")}" -- "$current"))
      compopt -o nospace 2>/dev/null
    fi
  elif [[ \${COMP_WORDS[1]} == completion ]]; then
    COMPREPLY=($(compgen -W "${Object.keys(shells).join(" ")}" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _callscope callscope
`;
}

function zsh(): string {
  const described = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = commands.map((command) => {
    const specs = optionsOf(command).map(([name, option]) => {
      const { about, multiple, value, choices } = option;
      const words = wordsOf(option);
      const action = words !== undefined ? `(${words})` : choices === "files" ? "_files" : "";
      const argument = value === undefined ? "" : `:${value.toLowerCase()}:${action}`;
      return `'${multiple ? "*" : ""}--${name}[${quoted(about)}]${argument}'`;
    });
    if (command.completes === "files") specs.push("'*:module:_files'");
    // After an argument that it does not know of, zsh offers no options either.
    if (command.completes === "nothing") specs.push("'*:name:'");
    if (command.completes === "models") {
      specs.push(`'1:model:(${providerNames.map((name) => `${name}/`).join(" ")})'`, "'*:message:'");
    }
    if (command.completes === "shells") specs.push(`'1:shell:(${Object.keys(shells).join(" ")})'`);
    return `    ${command.name}) _arguments ${specs.join(" ")} ;;`;
  });
  return `#compdef callscope
_callscope() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
compdef _callscope callscope
`;
}

function fish(): string {
  const lines = commands.flatMap((command) => {
    const { name, summary } = command;
    const here = `-n '__fish_seen_subcommand_from ${name}'`;
    const options = optionsOf(command).map(([name, option]) => {
      const { about, value, choices } = option;
      const words = wordsOf(option);
      const any = value === undefined ? "" : choices === "files" ? " -r -F" : " -x";
      const argument = words === undefined ? any : ` -x -a '${words}'`;
      return `complete -c callscope ${here} -l ${name}${argument} -d '${quoted(about, "\\'")}'`;
    });
    const files = command.completes === "files" ? [`complete -c callscope ${here} -F`] : [];
    const models =
      command.completes === "models"
        ? [`complete -c callscope ${here} -f -a '${providerNames.map((name) => `${name}/`).join(" ")}'`]
        : [];
    const kinds =
      command.completes === "shells" ? [`complete -c callscope ${here} -f -a '${Object.keys(shells).join(" ")}'`] : [];
    return [
      `complete -c callscope -n __fish_use_subcommand -f -a ${name} -d '${quoted(summary, "\\'")}'`,
      ...options,
      ...files,
      ...models,
      ...kinds,
    ];
  });
  return `# fish completion for callscope\ncomplete -c callscope -f\n${lines.join("\n")}\n`;
}

// In single quotes; brackets and colons mean something to zsh's own descriptions.
function quoted(text: string, quote = "'\\''"): string {
  return text.replaceAll("'", quote).replaceAll(/[[\]:]/g, (sign) => (sign === ":" ? "" : `\\${sign}`));
}
