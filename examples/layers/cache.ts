import { cache, memoryStore, sqliteStore } from "callscope";
import { openai } from "callscope/openai";

const recommend = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);

// #region cache
const store = memoryStore({ entries: 1_000 });
const recommendBook = recommend.with({ layers: [cache(store, { ttl: 3_600_000 })] });

await recommendBook("fantasy");
const again = await recommendBook("fantasy");
console.log(again.cached, again.cost, again.content);
// #endregion

// #region sqlite
using file = sqliteStore(":memory:"); // or a path: processes of one machine share it
const kept = recommend.with({ layers: [cache(file)] });
const both = await Promise.all([kept("fantasy"), kept("fantasy")]); // sent once
console.log(both.map(({ cached }) => cached));
// #endregion

// #region key
const byTenant = cache(store, {
  // What tells requests apart, in place of the exact request; `undefined` is not kept.
  key: ({ prepared, headers }) => [prepared.request, headers["x-tenant"] ?? null],
});
const forSeven = recommend.with({ layers: [byTenant], headers: { "x-tenant": "7" } });
console.log((await forSeven("fantasy")).cached);
// #endregion
