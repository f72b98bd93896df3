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
  choices: "files",
};
const provider: OptionSpec = {
  type: "string",
  multiple: true,
  value: "NAME",
  about: "this provider alone; may be given several times",
  choices: "providers",
};
const trace: OptionSpec = {
  type: "string",
  value: "FILE",
  about: "adds a trace of it to the file, for callscope view",
  choices: "files",
};
const usd: OptionSpec = {
  type: "string",
  value: "AMOUNT",
  about: "the most it may cost, in US dollars; a request beyond it is not sent",
};
const rowOptions: Readonly<Record<string, OptionSpec>> = {
  rows: { type: "string", value: "FILE", about: "the rows: JSON lines (.jsonl), .csv or .tsv", choices: "files" },
  arg: {
    type: "string",
    multiple: true,
    value: "NAME",
    about:
      "an argument of the call, by the row's member or column; several times for several. By default the row itself",
  },
  key: { type: "string", value: "NAME", about: "the member or column that a row is known by" },
  journal: {
    type: "string",
    value: "FILE",
    about: "keeps the answers: a row that is in it is not asked again",
    choices: "files",
  },
  name: { type: "string", value: "NAME", about: "which run of the journal it is" },
  out: {
    type: "string",
    value: "FILE",
    about: "where the rows go, as JSON lines; the standard output by default",
    choices: "files",
  },
  concurrency: { type: "string", value: "N", about: "how many are asked at once; 16 by default" },
  failed: { type: "boolean", about: "asks again what failed in an earlier run" },
  changed: { type: "boolean", about: "asks again what an earlier version of the call was asked" },
  "max-failures": { type: "string", value: "N", about: "stops when so many rows have failed" },
  estimate: { type: "boolean", about: "says what it would cost, and sends nothing" },
};
const modules =
  "Modules are files or globs. Without any, those of the configuration, or all below this folder that export `samples`.";

/** The commands, without what they do: `--help` and completion need no more. */
export const commands: readonly CommandSpec[] = [
  {
    name: "chat",
    usage: "callscope chat PROVIDER/MODEL [MESSAGE …]",
    summary: "talk with a model: streamed, with tools of an MCP server, the cost in the prompt",
    about: `Without a message on a terminal the conversation is typed. With one, or with a standard input that is a pipe, it is one
turn; "-" among the words stands for the standard input. The key is the provider's own variable of the environment.`,
    options: {
      system: { type: "string", value: "TEXT", about: "what the model is told before" },
      history: {
        type: "string",
        value: "FILE",
        about: "goes on with the conversation in the file, and keeps it there",
        choices: "files",
      },
      mcp: {
        type: "string",
        multiple: true,
        value: "SERVER",
        about: "tools of an MCP server: its address, or the command that starts it; several times for several",
      },
      yes: { type: "boolean", about: "runs tools without asking" },
      lines: { type: "boolean", about: "each line of the standard input is a turn" },
      "max-tokens": { type: "string", value: "N", about: "the longest answer" },
      temperature: { type: "string", value: "X", about: "how free the answer is" },
      usd,
      trace,
      json: { ...json, about: "gives one JSON value a turn instead of text" },
    },
    completes: "models",
  },
  {
    name: "run",
    usage: "callscope run MODULE#CALL [--args JSON]",
    summary: "call one call of a module and print what it gives",
    about: `A call, a stream, a tool loop or a fallback that the module exports; "#CALL" can be left out where there is one.`,
    options: {
      args: {
        type: "string",
        value: "JSON",
        about: 'the arguments, a list; what is no list is the one argument; "-" reads them from the standard input',
      },
      usd,
      trace,
      json,
    },
    completes: "files",
  },
  {
    name: "rows",
    usage: "callscope rows MODULE#CALL --rows FILE [--journal FILE]",
    summary: "ask a call for every row of a file, with a journal to go on from",
    about: `Each row is written as a line of JSON when it ends. Ctrl-C finishes what is in flight and stops; with a journal the next
run goes on from there. Rows that failed give the code 1.`,
    options: { ...rowOptions, usd, trace, json },
    completes: "files",
  },
  {
    name: "batch",
    usage: "callscope batch MODULE#CALL --rows FILE --journal FILE",
    summary: "ask the same through the provider's batches, for half the price with most",
    about: `Hands the rows in, looks at the batches until they are done, and writes each row as a line of JSON. It can be ended and
run again at any time: the journal knows what was handed in.`,
    options: {
      ...rowOptions,
      poll: { type: "string", value: "SECONDS", about: "how often the batches are looked at; every 30 by default" },
      again: {
        type: "string",
        value: "HOW",
        about: "how a row is asked again whose answer did not fit",
        choices: ["batch", "live", "fail"],
      },
      adopt: {
        type: "string",
        value: "ID",
        about: 'answers the question which batch is the lost one; "resubmit": none',
      },
      role: { type: "string", value: "ARN", about: "Bedrock: the role" },
      bucket: { type: "string", value: "NAME", about: "Bedrock: the bucket" },
      json,
    },
    completes: "files",
  },
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
