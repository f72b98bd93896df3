import { openai } from "callscope/openai";
import { zodResponseFormat } from "openai/helpers/zod";
import * as z from "zod";
import { pooledClient, sdkClient } from "../clients.ts";
import { type Contender, measure } from "../measure.ts";
import { peers } from "../peers/index.ts";
import { fetchJson } from "../raw.ts";
import { compared, type Table } from "../report.ts";
import { model, Profile } from "../samples.ts";

const prompt = (text: string) => `Extract the profile from: ${text}`;
const text = "Ada Lovelace, mathematician";
const route = "profile";
const parameters = z.toJSONSchema(Profile);
const body = () => ({
  model,
  messages: [{ role: "user" as const, content: prompt(text) }],
  tools: [{ type: "function" as const, function: { name: "profile", parameters } }],
  tool_choice: { type: "function" as const, function: { name: "profile" } },
});

/** (h) A validated value of a schema with 30 fields. */
export async function extraction(origin: string): Promise<Table[]> {
  const contenders = [...byHand(origin), ...ours(origin), ...others(origin)];
  const figures = await measure(contenders, "SDK", { rounds: 13, warmUp: 500 });
  return [compared("h. Extraction with a zod schema of 30 fields", "call", figures, { row: "extraction, 30 fields" })];
}

/** What an answer holds of the value, as far as it is read here. */
interface Answer {
  readonly choices: readonly {
    readonly message: { readonly tool_calls?: readonly { readonly function?: { readonly arguments: string } }[] };
  }[];
}

function byHand(origin: string): Contender[] {
  const client = sdkClient(origin, route);
  const pooled = pooledClient(origin, route);
  const read = (answer: unknown) => {
    const { choices } = answer as Answer;
    check(Profile.parse(JSON.parse(choices[0]?.message.tool_calls?.[0]?.function?.arguments ?? "")));
  };
  return [
    { name: "fetch", run: async () => read(await fetchJson(origin, route, body())) },
    { name: "SDK", run: async () => read(await client.chat.completions.create(body())) },
    {
      name: "SDK, .parse()",
      async run() {
        const { choices } = await client.chat.completions.parse({
          model,
          messages: body().messages,
          response_format: zodResponseFormat(Profile, "profile"),
        });
        check(choices[0]?.message.parsed);
      },
    },
    { name: "SDK, pooledFetch", run: async () => read(await pooled.chat.completions.create(body())) },
  ];
}

function ours(origin: string): Contender[] {
  const client = sdkClient(origin, route);
  const call = openai.call(model, { client, responseModel: Profile }, prompt);
  const native = openai.call(model, { client, responseModel: Profile, jsonMode: "schema" }, prompt);
  const pooled = call.with({ client: pooledClient(origin, route) });
  return [
    { name: "callscope", run: async () => check(await call(text)) },
    { name: 'callscope, jsonMode: "schema"', run: async () => check(await native(text)) },
    { name: "callscope, pooledFetch", run: async () => check(await pooled(text)) },
  ];
}

function others(origin: string): Contender[] {
  return peers.flatMap(({ name, extract }) => {
    const read = extract?.(origin, route);
    return read === undefined ? [] : [{ name, run: async () => check(await read(prompt(text))) }];
  });
}

function check(value: z.infer<typeof Profile> | null | undefined): void {
  if (value?.lastName !== "Lovelace") throw new Error("The value is not the one that was sent.");
}
