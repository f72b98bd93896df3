import { generateObject } from "ai";
import { openai } from "callscope/openai";
import { zodResponseFormat } from "openai/helpers/zod";
import * as z from "zod";
import { aiModel, langChainModel, sdkClient } from "../clients.ts";
import { type Contender, measure } from "../measure.ts";
import { compared, type Table } from "../report.ts";
import { model, Profile } from "../samples.ts";

const prompt = (text: string) => `Extract the profile from: ${text}`;
const text = "Ada Lovelace, mathematician";

/** (h) A validated value of a schema with 30 fields. */
export async function extraction(origin: string): Promise<Table[]> {
  const figures = await measure(contenders(origin), "openai SDK", { operations: 100, rounds: 13, warmUp: 150 });
  return [compared("h. Extraction with a zod schema of 30 fields", "call", figures)];
}

function contenders(origin: string): Contender[] {
  const client = sdkClient(origin, "profile");
  const languageModel = aiModel(origin, "profile");
  const structured = langChainModel(origin, "profile").withStructuredOutput(Profile, { method: "functionCalling" });
  const parameters = z.toJSONSchema(Profile);
  const tools = [{ type: "function" as const, function: { name: "profile", parameters } }];
  const choice = { type: "function" as const, function: { name: "profile" } };
  const messages = () => [{ role: "user" as const, content: prompt(text) }];
  const call = openai.call(model, { client, responseModel: Profile }, prompt);
  const native = openai.call(model, { client, responseModel: Profile, jsonMode: "schema" }, prompt);
  return [
    {
      name: "openai SDK",
      async run() {
        const { choices } = await client.chat.completions.create({
          model,
          messages: messages(),
          tools,
          tool_choice: choice,
        });
        const called = choices[0]?.message.tool_calls?.[0];
        check(Profile.parse(JSON.parse(called?.type === "function" ? called.function.arguments : "")));
      },
    },
    {
      name: "openai SDK, .parse()",
      async run() {
        const format = zodResponseFormat(Profile, "profile");
        const { choices } = await client.chat.completions.parse({
          model,
          messages: messages(),
          response_format: format,
        });
        check(choices[0]?.message.parsed);
      },
    },
    { name: "callscope", run: async () => check(await call(text)) },
    { name: 'callscope, jsonMode: "schema"', run: async () => check(await native(text)) },
    {
      name: "AI SDK",
      run: async () =>
        check((await generateObject({ model: languageModel, schema: Profile, prompt: prompt(text) })).object),
    },
    { name: "LangChain.js", run: async () => check(await structured.invoke(prompt(text))) },
  ];
}

function check(value: z.infer<typeof Profile> | null | undefined): void {
  if (value?.lastName !== "Lovelace") throw new Error("The value is not the one that was sent.");
}
