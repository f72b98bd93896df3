import { tool } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

const findBook = tool({ name: "find_book", parameters: z.object({ genre: z.string() }), call: () => "Dune" });

/** The sample application: what its suites test. */
export const recommendBook = openai.call("gpt-4o-mini", { tools: [findBook] }, (genre) => `Recommend a ${genre} book`);
