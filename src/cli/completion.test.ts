import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { type Workplace, workplace } from "../../test/support/run-command.ts";

// What each shell itself completes to, by the script that the command prints for it.

interface Shell {
  readonly name: "bash" | "zsh" | "fish";
  /** The candidates for a line whose last word is being typed. */
  complete(script: string, line: string, place: Workplace): readonly string[];
}

function ask(program: string, args: readonly string[], place: Workplace): string {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: place.folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: place.folder, TERM: "xterm" },
  });
  if (status !== 0 || stderr !== "") throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout;
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");

const shells: readonly Shell[] = [
  {
    name: "bash",
    complete(script, line, place) {
      const typed = line.replace(/ $/, " ''");
      const asked = `COMP_WORDS=(${typed}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _callscope; echo "\${COMPREPLY[@]}"`;
      return words(ask("bash", ["-c", `${script}\n${asked}`], place));
    },
  },
  {
    name: "zsh",
    complete(script, line, place) {
      place.write("callscope.zsh", script);
      place.write("ask.zsh", zshAsks(line));
      // It asks once more for what it lists.
      return [...new Set(words(ask("zsh", ["-f", "ask.zsh"], place)))];
    },
  },
  {
    name: "fish",
    complete(script, line, place) {
      place.write("callscope.fish", script);
      const asked = `source callscope.fish; complete -C ${JSON.stringify(line)}`;
      // What stands after the tab is a description.
      return ask("fish", ["--no-config", "-c", asked], place)
        .split("\n")
        .flatMap((found) => found.split("\t")[0] || []);
    },
  },
];

/**
 * zsh completes in its line editor alone: a shell in a terminal of its own is typed to, and lists instead of completing. In
 * it `compadd` says what it was given.
 */
function zshAsks(line: string): string {
  return `zmodload zsh/zpty
zpty shell zsh -f -i
send() { zpty -w shell "$1" }
send 'PS1=; unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit && compinit -u -d dump; source ./callscope.zsh'
send 'compadd() { local -a given; builtin compadd -A given "$@"; print -rl -- $given >> found; builtin compadd "$@" }'
send 'done-now() { print over > over }; zle -N done-now; bindkey "^X" done-now; bindkey "^I" list-choices; print ready > ready'
wait-for() { local text; until [[ -e $1 ]]; do zpty -r -t shell text; sleep 0.02; done }
wait-for ready
zpty -w -n shell ${JSON.stringify(line)}$'\\t\\x18'
wait-for over
zpty -d shell
[[ -e found ]] && cat found
rm -f ready over found
true
`;
}

describe.each(shells)("completion in $name", { timeout: 60_000 }, ({ name, complete }) => {
  const isThere = spawnSync(name, ["--version"]).status === 0;
  const sentence = `There is no ${name} on this machine: apt-get install ${name}.`;

  describe.skipIf(!isThere)(isThere ? "gives" : sentence, () => {
    let script = "";
    beforeAll(async () => {
      using place = workplace();
      const { code, output } = await place.run("completion", name);
      expect(code).toBe(0);
      script = output;
    });

    test.each([
      ["callscope l", ["lock", "lint"]],
      ["callscope lock --ch", ["--check"]],
      ["callscope lint --provider coh", ["cohere"]],
      ["callscope chat anth", ["anthropic/"]],
      ["callscope completion z", ["zsh"]],
      ["callscope batch books.ts --again l", ["live"]],
      ["callscope rows books.ts --jour", ["--journal"]],
      ["callscope rows --rows tick", ["tickets.jsonl"]],
      ["callscope run book", ["books.ts"]],
      ["callscope models gpt --prov", ["--provider"]],
    ])("for %s: %j", (line, expected) => {
      using place = workplace({ "books.ts": "", "tickets.jsonl": "" });
      const found = complete(script, line, place);
      expect(found.toSorted()).toEqual(expected.toSorted());
    });
  });
});
