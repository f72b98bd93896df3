import { budget, limit, within } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region calls
const plan = openai.call(
  "gpt-4o",
  { responseModel: z.array(z.string()).min(1).max(4), retries: { validation: 1 } },
  (goal: string) => `Split the work into at most four tasks that need nothing of each other: ${goal}`,
);
const work = openai.call("gpt-4o-mini", (task: string) => `Do this in one sentence: ${task}`);
const write = openai.call(
  "gpt-4o",
  (goal: string, notes: readonly string[]) => `Write, of these notes alone: ${goal}
${notes.map((note) => `- ${note}`).join("\n")}`,
);
// #endregion

// #region run
/** The planner's tasks are done side by side, two at once, and what all of it may cost is bounded. */
async function report(goal: string) {
  const purse = budget({ usd: 0.5 });
  return within({ layers: [purse, limit({ concurrency: 2 })] }, async () => {
    const tasks = await plan(goal);
    const notes = await Promise.all(tasks.map(async (task) => (await work(task)).content));
    const { content } = await write(goal, notes);
    return { tasks, notes, content, spent: purse.spent };
  });
}

const { tasks, notes, content, spent } = await report("a leaflet on the history of the book");
for (const [index, task] of tasks.entries()) console.log(`${task}: ${notes[index]}`);
console.log(content);
console.log(`${spent.requests} requests, $${spent.usd.toFixed(6)}`);
// #endregion
