import { tool, toolkit } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region toolkit
const library = toolkit({
  namespace: "get",
  state: { city: "Oxford", seen: [] as string[] },
  tools: (state) => [
    tool({
      name: "book_info",
      description: "Looks a book up in the library of {city}.",
      parameters: z.object({ isbn: z.string() }),
      call: ({ isbn }) => {
        state.seen.push(isbn);
        return `Mistborn: The Final Empire (${isbn})`;
      },
    }),
  ],
});

// Each call offers the tools as the state is then: "get_book_info", described with the city.
const ask = openai.call("gpt-4o-mini", (question: string) => ({ messages: question, tools: library.tools() }));
// #endregion

const response = await ask("Which book has the ISBN 0-7653-1178-X?");
console.log(await response.tool?.call(), library.state.seen);
