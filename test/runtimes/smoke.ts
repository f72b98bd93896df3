import type OpenAI from "openai";
import * as z from "zod";
import type * as Http from "../../src/http/index.ts";
import type * as Root from "../../src/index.ts";
import type * as OpenAISubpath from "../../src/providers/openai/index.ts";
import type * as Rows from "../../src/rows/index.ts";
import type * as Trace from "../../src/trace/index.ts";

// One program for every runtime: what it did and saw, as plain data that the test compares. It is given the library as that
// runtime loads it, and uses nothing beside it but what browsers and workers have, too.

/** The library as it was loaded. */
export interface Library {
  readonly root: typeof Root;
  readonly openai: typeof OpenAISubpath;
  readonly http: typeof Http;
  readonly rows: typeof Rows;
  readonly trace: typeof Trace;
}

/** What the program did. */
export type Report = Readonly<Record<string, unknown>>;

const prompt = (genre: string) => `Recommend a ${genre} book`;

/** The same on each. */
export async function smoke(library: Library, client: OpenAI): Promise<Report> {
  return {
    ...(await calls(library, client)),
    ...(await around(library, client)),
    ...(await failures(library, client)),
  };
}

async function calls({ root, openai }: Library, client: OpenAI): Promise<Report> {
  const ask = openai.call("gpt-4o-mini", { client }, prompt);
  const response = await ask("fantasy");
  const stream = openai.call("gpt-4o-mini", { client, stream: true }, prompt)("fantasy");
  const pieces: string[] = [];
  for await (const [{ content }] of stream) if (content !== "") pieces.push(content);
  const Book = z.object({ title: z.string(), pages: z.int() });
  const book = await openai.call("gpt-4o-mini", { client, responseModel: Book }, prompt)("fantasy");
  const growing = openai.call("gpt-4o-mini", { client, responseModel: Book, stream: true }, prompt)("fantasy");
  const seen: unknown[] = [];
  for await (const value of growing) seen.push(value);
  const add = root.tool({
    name: "add",
    parameters: z.object({ a: z.number(), b: z.number() }),
    call: ({ a, b }) => a + b,
  });
  const run = await root.toolLoop(openai.call("gpt-4o-mini", { client, tools: [add] }, () => "What is 2 + 3?"))();
  const look = openai.call("gpt-4o-mini", { client }, (bytes: Uint8Array) => [
    root.Messages.user(["Look:", root.image(bytes)]),
  ]);
  const { request } = await look.prepare(
    Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1]),
  );
  return {
    call: [response.content, response.cost, response.tokens.input],
    stream: [pieces, stream.cost, stream.finishReasons],
    structured: book,
    grown: seen.at(-1),
    loop: [run.status, run.responses.length, run.responses.at(-1)?.content],
    picture: JSON.stringify(request.messages).match(/data:[^"]*/)?.[0],
  };
}

async function around({ root, openai, http, trace }: Library, client: OpenAI): Promise<Report> {
  const told: string[] = [];
  const lines: string[] = [];
  const traced = trace.trace({ write: (line) => void lines.push(line) });
  const layers = [
    root.observe({ request: () => void told.push("request"), response: () => void told.push("response") }),
    root.cache(root.memoryStore()),
    root.retry({ attempts: 2 }),
    root.limit({ concurrency: 1 }),
    root.budget({ usd: 1 }),
    traced,
  ];
  const ask = openai.call("gpt-4o-mini", { client, layers, callParams: { max_completion_tokens: 9 } }, prompt);
  const cached = [(await ask("fantasy")).cached ?? false, (await ask("fantasy")).cached ?? false];
  await traced.flush();
  const streamed = openai.call("gpt-4o-mini", { client, stream: true }, prompt);
  const events = await (await http.eventResponse(streamed("fantasy"))).text();
  return {
    layers: [cached, told],
    traced: lines.length > 0 && lines.every((line) => !line.includes("sk-secret")),
    text: await (await http.textResponse(streamed("fantasy"))).text(),
    events: events.split("\n").filter((line) => line.startsWith("event:")),
  };
}

async function failures({ root, openai }: Library, client: OpenAI): Promise<Report> {
  const { NotFoundError } = client.constructor as typeof OpenAI;
  const missing = await thrownBy(openai.call("missing", { client }, prompt), "fantasy");
  const cut = openai.call("cut", { client, stream: true }, prompt)("fantasy");
  const ended = await thrownBy(async () => {
    for await (const _ of cut);
  });
  const stopped = openai.call("gpt-4o-mini", { client }, prompt).with({ signal: AbortSignal.abort() });
  const slow = openai.call("slow", { client }, prompt).with({ timeout: 50 });
  return {
    refused: [missing instanceof NotFoundError, root.classify(missing).kind, root.classify(missing).status],
    cut: [(ended as Error).name, cut.content],
    aborted: root.classify(await thrownBy(stopped, "fantasy")).kind,
    late: root.classify(await thrownBy(slow, "fantasy")).kind,
  };
}

/** What a runtime may lack: `"works"`, or the sentence that says so. */
export async function abilities({ root, openai, rows, trace }: Library, client: OpenAI): Promise<Report> {
  const ask = openai.call("gpt-4o-mini", { client }, prompt);
  const tried = {
    scope: () => root.within({ headers: { "x-scope": "1" } }, () => ask("fantasy")),
    sqlite: () => root.sqliteStore(":memory:").close(),
    file: () => openai.call("m", () => [root.Messages.user([root.image("./none.png")])]).prepare(),
    rows: async () => {
      for await (const _ of rows.map(ask, ["fantasy", "horror"]));
    },
    traceFile: () => trace.trace("./none/none.jsonl"),
    local: () => root.call("local/default", prompt).prepare("fantasy"),
  };
  const said: Record<string, string> = {};
  for (const [name, work] of Object.entries(tried)) {
    const error = await thrownBy(async () => void (await work()));
    said[name] = error === undefined ? "works" : `${(error as Error).name}: ${(error as Error).message}`;
  }
  return said;
}

/** What it throws; `undefined` where it does not. */
async function thrownBy<Args extends unknown[]>(
  work: (...args: Args) => PromiseLike<unknown>,
  ...args: Args
): Promise<unknown> {
  try {
    await work(...args);
    return undefined;
  } catch (error) {
    return error;
  }
}
