import { fallback } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

const Topic = z.enum(["billing", "bug", "question"]);
const prompt = (ticket: string) => `Classify the ticket: ${ticket}`;

const classify = fallback(
  openai.call("gpt-4o-mini", { responseModel: Topic }, prompt),
  openai.call("gpt-4.1-mini", { responseModel: Topic }, prompt),
);

for (const ticket of ["I was charged twice.", "The page stays white."]) {
  const { value, response } = await classify(ticket).withResponse();
  console.log(`${value}, says ${response.model}: ${ticket}`);
}
