import { openai } from "callscope/openai";

const recommendBook = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);
const response = await recommendBook("fantasy");
console.log(response.content, response.cost);
