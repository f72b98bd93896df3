import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Received } from "../../src/contract/received.ts";
import { image } from "../../src/message/media.ts";
import { Messages } from "../../src/message/message.ts";
import type { Part } from "../../src/message/parts.ts";
import type { Prepared } from "../../src/prepare/prepare.ts";
import { tool } from "../../src/tools/tool.ts";
import type { Lane } from "./lane.ts";
import { lanes } from "./lanes/index.ts";

// One process of three: the first prepares the calls of every provider, the second sends what it is given, the third reads
// what came. Between them goes JSON alone. `node apart-stage.ts prepare|send|read`, JSON in and out.

/** A call of one wire, as it goes from one process to the next. */
export interface Travelling {
  readonly lane: string;
  readonly kind: keyof typeof options;
  readonly url: string;
  readonly prepared?: object;
  readonly received?: object;
  readonly read?: unknown;
}

const Book = z.object({ title: z.string(), pages: z.number().int() });
const count = tool({
  name: "count_copies",
  parameters: z.object({ title: z.string() }),
  call: ({ title }) => title.length,
});
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** What the calls of each kind are told. */
export const options = {
  text: {},
  tools: { tools: [count] },
  structured: { responseModel: Book },
  schema: { responseModel: Book, jsonMode: "schema" },
  streamed: { stream: true, tools: [count] },
  "structured stream": { stream: true, responseModel: Book },
};

/** The call of one kind on one wire, the same in each process. */
export function callOf(lane: Lane, kind: Travelling["kind"], url: string): Apart {
  const write = (question: string) => {
    const parts: (string | Part)[] = [question];
    if (lane.traits.parts.includes("picture")) parts.push(image(new Uint8Array(Buffer.from(png, "base64"))));
    return [Messages.system("Be brief."), Messages.user(parts)];
  };
  return lane.call(lane.model, { ...options[kind], client: lane.client(url) }, write) as unknown as Apart;
}

interface Apart {
  prepare(question: string): Promise<Prepared>;
  send(prepared: Prepared): Promise<Received>;
  read(prepared: Prepared, received: Received): Promise<unknown>;
}

async function work(
  { lane: name, kind, url, prepared, received }: Travelling,
  stage: string | undefined,
): Promise<object> {
  const lane = lanes.find((one) => one.name === name) as Lane;
  const call = callOf(lane, kind, url);
  if (stage === "prepare") return { prepared: await call.prepare("How many?") };
  if (stage === "send") return { received: await call.send(prepared as Prepared) };
  const value = (await call.read(prepared as Prepared, received as Received)) as Record<string, unknown>;
  const { content, tools, cost, messages } = value as {
    content?: string;
    tools?: { name: string; args: unknown }[];
    cost?: number;
    messages?: object;
  };
  const uses = tools?.map((use) => ({ name: use.name, args: use.args }));
  return { read: content === undefined ? value : { content, uses, cost, sent: messages } };
}

if (import.meta.main) {
  const given = JSON.parse(await text(process.stdin)) as Travelling[];
  const stage = process.argv[2];
  const worked: object[] = [];
  for (const one of given) worked.push({ ...one, ...(await work(one, stage)) });
  process.stdout.write(JSON.stringify(worked), () => process.exit(0));
}
