import { type Message, Messages, tool, toolLoop } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";
import type OpenAI from "openai";
import * as z from "zod";
import { claude, sdkClient } from "../clients.ts";
import { type Contender, type Figures, measure } from "../measure.ts";
import { eventsOf, type RawChunk } from "../raw.ts";
import type { Line, Table } from "../report.ts";
import { Items, model, Query, searchText } from "../samples.ts";
import { chatAnswer } from "../stub-answers.ts";
import { stubClients } from "../stubs.ts";

// What a call costs by how much there is of what it sends and reads. Where a stub answers, nothing is sent and nothing is
// serialised: what is left is our own work.

/** One line: a figure for each size. */
interface Grown {
  readonly name: string;
  run(size: number): () => Promise<unknown>;
}

/** A measurement of several lines over the same sizes. */
interface Growth {
  readonly file: string;
  readonly title: string;
  /** What the sizes count. */
  readonly x: string;
  /** What the figures are of, and how many units one run is. */
  readonly y: string;
  readonly units?: (size: number) => number;
  /** Microseconds, or 1,000 of them. */
  readonly scale?: number;
  readonly sizes: readonly number[];
  readonly lines: readonly Grown[];
  /** What "linear" is judged by: the cost of one more, between the two largest and between the two smallest sizes. */
  readonly warmUp: number;
  readonly rounds: number;
  readonly notes: readonly string[];
}

/** What a call costs by its messages, tools, and length, and a step of a loop by the steps before it. */
export async function growth(origin: string): Promise<Table[]> {
  const tables: Table[] = [];
  for (const one of [messages, tools, steps, structured(origin)]) tables.push(await grown(one));
  return tables;
}

async function grown({ sizes, lines, units = () => 1, scale = 1, ...rest }: Growth): Promise<Table> {
  const named = (name: string, size: number) => `${name} ${size}`;
  const contenders = lines.flatMap(({ name, run }) =>
    sizes.map((size): Contender => ({ name: named(name, size), run: run(size) })),
  );
  const { warmUp, rounds } = rest;
  const figures = await measure(contenders, contenders[0]?.name ?? "", {
    rounds,
    warmUp,
    sample: 30,
    longest: 400,
    limit: 60_000,
  });
  const cost = (line: string, size: number) => costOf(figures, named(line, size)) / units(size) / scale;
  const drawn = lines.map(({ name }): Line => ({ name, points: sizes.map((size) => [size, cost(name, size)]) }));
  return {
    title: rest.title,
    columns: [rest.x, ...sizes.map((size) => size.toLocaleString("en-US")), "one more, first", "one more, last"],
    rows: drawn.map(({ name, points }) => [name, ...points.map(([, y]) => y), ...slopes(points)]),
    notes: [`${rest.y}. ${rest.notes.join(" ")}`],
    plot: { file: rest.file, title: rest.title, x: rest.x, y: rest.y, lines: drawn },
  };
}

function costOf(figures: readonly Figures[], name: string): number {
  return figures.find((one) => one.name === name)?.cpu ?? Number.NaN;
}

/** What one more costs in the lower half of the sizes and in the upper one. */
function slopes(points: Line["points"]): string[] {
  const middle = points[points.length >> 1];
  const slope = (from: Line["points"][number] | undefined, to: Line["points"][number] | undefined) =>
    from === undefined || to === undefined ? "" : ((to[1] - from[1]) / (to[0] - from[0])).toPrecision(2);
  return [slope(points[0], middle), slope(middle, points.at(-1))];
}

function talk(count: number): Message[] {
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? Messages.user(`Question ${index}`) : Messages.assistant(`Answer ${index}`),
  );
}

/** A conversation whose every second turn came as an answer. */
function answered(count: number) {
  const ask = openai.call(model, { client: stubClients.openai }, (history: Message[]) => history);
  return async () => {
    const history: Message[] = [];
    while (history.length < count) {
      history.push(Messages.user(`Question ${history.length}`));
      history.push((await ask([Messages.user("?")])).message);
    }
    history.push(Messages.user("And now?"));
    return history;
  };
}

const messages: Growth = {
  file: "growth-messages",
  title: "Growth: a call by its messages",
  x: "messages",
  y: "CPU µs a call, our own work (stub)",
  sizes: [10, 50, 100, 200, 500, 1000, 2000],
  warmUp: 5000,
  rounds: 9,
  notes: ["The prompt function gives the same messages for each call; `answers` are turns that came from the model."],
  lines: [
    {
      name: "OpenAI",
      run(size) {
        const history = talk(size);
        return openai.call(model, { client: stubClients.openai }, () => history);
      },
    },
    {
      name: "OpenAI, answers",
      run(size) {
        let history: Message[] | undefined;
        const make = answered(size);
        const ask = openai.call(model, { client: stubClients.openai }, (messages: Message[]) => messages);
        return async () => {
          history ??= await make();
          return ask(history);
        };
      },
    },
    {
      name: "Anthropic",
      run(size) {
        const history = [...talk(size), Messages.user("And now?")];
        return anthropic.call(claude, { client: stubClients.anthropic }, () => history);
      },
    },
  ],
};

function toolsOf(count: number) {
  return Array.from({ length: count }, (_, index) =>
    tool({ name: `search_${index}`, description: searchText, parameters: Query, call: ({ query }) => query }),
  );
}

const tools: Growth = {
  file: "growth-tools",
  title: "Growth: a call by its tools",
  x: "tools",
  y: "CPU µs a call, our own work (stub)",
  sizes: [0, 10, 25, 50, 100, 150, 200],
  warmUp: 5000,
  rounds: 9,
  notes: [],
  lines: [
    {
      name: "OpenAI",
      run(size) {
        const tools = toolsOf(size);
        return openai.call(model, { client: stubClients.openai, tools }, () => "Find it");
      },
    },
    {
      name: "Anthropic",
      run(size) {
        const tools = toolsOf(size);
        return anthropic.call(claude, { client: stubClients.anthropic, tools }, () => "Find it");
      },
    },
  ],
};

/** Asks for a tool until so many answers are there, and then gives a text. It does nothing that grows. */
function looping(length: number): OpenAI {
  const called = {
    ...chatAnswer,
    choices: [
      {
        ...{ index: 0, finish_reason: "tool_calls", logprobs: null },
        message: {
          ...{ role: "assistant", content: null, refusal: null, annotations: [] },
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "search", arguments: '{"query":"x","order":"best"}' } },
          ],
        },
      },
    ],
  };
  const create = async ({ messages }: { readonly messages: readonly unknown[] }) =>
    messages.length < 2 * length - 1 ? called : chatAnswer;
  return { chat: { completions: { create } } } as unknown as OpenAI; // What a call uses of it.
}

const steps: Growth = {
  file: "growth-steps",
  title: "Growth: a step of a tool loop by the steps of the loop",
  x: "steps",
  y: "CPU µs a step, our own work (stub)",
  units: (size) => size,
  sizes: [2, 5, 10, 20, 50, 100, 200, 400],
  warmUp: 400,
  rounds: 9,
  notes: [
    "The mean over all steps of a loop of so many: where a step's work grew with the steps before it, so would this.",
  ],
  lines: [
    {
      name: "OpenAI",
      run(size) {
        const search = tool({
          name: "search",
          description: searchText,
          parameters: Query,
          call: ({ query }) => `Found ${query}`,
        });
        const ask = openai.call(model, { client: looping(size), tools: [search] }, () => "Find it");
        const loop = toolLoop(ask, { maxSteps: size });
        return async () => {
          const { responses } = await loop();
          if (responses.length !== size) throw new Error(`The loop had ${responses.length} of ${size} steps.`);
        };
      },
    },
  ],
};

function structured(origin: string): Growth {
  const prompt = "List the items";
  const at = (size: number) => sdkClient(origin, `items/items/${size}`);
  const body = { model, messages: [{ role: "user" as const, content: prompt }], stream: true as const };
  return {
    file: "growth-structured",
    title: "Growth: a structured stream by its length",
    x: "objects of the array",
    y: "CPU ms a stream, HTTP included",
    scale: 1000,
    sizes: [250, 500, 1000, 2000, 4000],
    warmUp: 12,
    rounds: 7,
    notes: [
      "Every partial value is read; the line below reads the text with the SDK's response and parses it at the end.",
    ],
    lines: [
      {
        name: "callscope, every partial value",
        run(size) {
          const call = openai.call(
            model,
            { client: at(size), stream: true, responseModel: Items, jsonMode: true },
            () => prompt,
          );
          return async () => {
            let length = 0;
            for await (const { items = [] } of call()) length = items.length;
            if (length !== size) throw new Error(`The array has ${length} of ${size} objects.`);
          };
        },
      },
      {
        name: "SDK, own reader, parsed once",
        run(size) {
          const client = at(size);
          return async () => {
            let text = "";
            const response = await client.chat.completions.create(body).asResponse();
            for await (const { choices } of eventsOf<RawChunk>(response)) text += choices[0]?.delta.content ?? "";
            z.parse(Items, JSON.parse(text));
          };
        },
      },
    ],
  };
}
