import { type Layer, within } from "callscope";
import { openai } from "callscope/openai";

const recommendBook = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);

// #region within
const counted: string[] = [];
const counting: Layer = {
  send(request, next) {
    counted.push(request.model);
    return next(request);
  },
};

async function handle(tenant: string) {
  // Nobody below has to pass anything on: each call that is made inside gets it.
  return within({ layers: [counting], headers: { "x-tenant": tenant }, deadline: 30_000 }, async () => {
    const { content } = await recommendBook("fantasy");
    return content;
  });
}
console.log(await handle("seven"), counted);
// #endregion
