import type { CommandSpec, OptionSpec } from "./command.ts";

/** The options that every command has. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  help: { type: "boolean", short: "h", about: "says how the command is used" },
};

const json: OptionSpec = { type: "boolean", about: "gives one JSON value instead of text" };
const github: OptionSpec = { type: "boolean", about: "gives annotations for a pull request on GitHub" };
const config: OptionSpec = {
  type: "string",
  value: "FILE",
  about: "the configuration; callscope.config.ts, .mts, .js or .mjs by default",
};
const provider: OptionSpec = {
  type: "string",
  multiple: true,
  value: "NAME",
  about: "this provider alone; may be given several times",
  choices: "providers",
};
const modules =
  "Modules are files or globs. Without any, those of the configuration, or all below this folder that export `samples`.";

/** The commands, without what they do: `--help` and completion need no more. */
export const commands: readonly CommandSpec[] = [
  {
    name: "lock",
    usage: "callscope lock [MODULE …] [--check]",
    summary: "write the prompts, schemas, parameters and costs of your calls to files for review",
    about: `Writes prompts/<module>.<export>.md for each call that a module samples. With --check nothing is written, and what
differs from the files is printed: the code is 1 then. ${modules}`,
    options: {
      check: { type: "boolean", about: "compares with the files that are there and writes nothing" },
      out: { type: "string", value: "FOLDER", about: "where the files are; prompts by default" },
      config,
      json,
      github,
    },
    completes: "files",
  },
  {
    name: "lint",
    usage: "callscope lint [MODULE …] [--provider NAME …]",
    summary: "check schemas, tools, models and parameters against what providers document",
    about: `Checks the calls that modules sample, and sends nothing: each schema and tool against the dialect of every provider (or
those named; "own" is the call's), retired models, prices that are not known, parameters that a model refuses. Errors and
warnings give the code 1, notes do not. ${modules}`,
    options: {
      provider: {
        ...provider,
        about: `checks against this provider alone ("own": the call's); several times for several`,
      },
      soon: { type: "string", value: "DAYS", about: "how many days ahead a retirement is a warning; 90 by default" },
      on: { type: "string", value: "DATE", about: "the day to check for (2026-12-01); today by default" },
      quiet: { type: "boolean", about: "leaves out the notes" },
      config,
      json,
      github,
    },
    completes: "files",
  },
  {
    name: "models",
    usage: "callscope models [NAME …] [--provider NAME …]",
    summary: "list models: context, longest answer, retirement, successor",
    about: "Lists the models of the price data. A NAME is a part of a model's name.",
    options: { provider, json },
    completes: "nothing",
  },
  {
    name: "prices",
    usage: "callscope prices [NAME …] [--provider NAME …]",
    summary: "list prices in USD per million tokens",
    about: `Lists the prices of the standard tier as they are today. A NAME is a part of a model's name. Where the two public lists
differ both figures stand, and a cost is undefined.`,
    options: { provider, json },
    completes: "nothing",
  },
  {
    name: "view",
    usage: "callscope view FILE [--port N] [--open]",
    summary: "show a trace in the browser: waterfalls, prompts, answers, tools, tokens, dollars",
    about: `Serves a page for a file that callscope/trace writes, to this machine alone, and prints its address; the page follows the
file while it grows, and loads nothing from a network. Ctrl-C ends it.`,
    options: {
      port: { type: "string", value: "N", about: "the port; any that is free by default" },
      open: { type: "boolean", about: "opens the page in the browser" },
      json: { ...json, about: 'gives { "url", "file" } in place of the address' },
    },
    completes: "files",
  },
  {
    name: "completion",
    usage: "callscope completion bash|zsh|fish",
    summary: "print a script that completes this command in your shell",
    about: `For bash:  source <(callscope completion bash)
For zsh:   source <(callscope completion zsh)
For fish:  callscope completion fish | source`,
    options: {},
    completes: "shells",
  },
];
