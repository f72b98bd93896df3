import * as restate from "@restatedev/restate-sdk";
import { retry, tool, toolLoop, within } from "callscope";
import { openai } from "callscope/openai";
import { durable, rowService, serviceOptions } from "callscope/restate";
import * as z from "zod";
import { triage } from "./triage.ts";

// #region tool
const countCopies = tool({
  name: "count_copies",
  parameters: z.object({ title: z.string() }),
  call: ({ title }) => (title === "Dune" ? "3" : "0"),
});
const advise = toolLoop(openai.call("gpt-4o-mini", { tools: [countCopies] }, (question: string) => question));
// #endregion

// #region handler
const books = restate.service({
  name: "books",
  handlers: {
    advise: (ctx: restate.Context, question: string) =>
      within({ layers: [retry({ attempts: 8, maxDelay: 60_000 }), durable(ctx)] }, async () => {
        const { response, cost } = await advise(question);
        return { text: response?.content, cost };
      }),
  },
  options: serviceOptions,
});
// #endregion

// #region rows
const triageRows = rowService("triage", triage);
// #endregion

// #region serve
await restate.serve({
  services: [books, triageRows.service],
  port: Number(process.env.PORT ?? 9080),
  logger: () => {},
});
console.log("ready");
// #endregion
