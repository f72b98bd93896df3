import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type BudgetStore, budget, call, type Purse, retry } from "callscope";
import { map } from "callscope/rows";

// A night's work that may be killed at any time and started again: `JOB_MODEL=local/default node job.ts` asks the
// model in the process. It prints the key of each row when it is kept, and what all of it came to.
const { JOB_FOLDER = ".", JOB_MODEL = "openai/gpt-4o-mini", JOB_ROWS = "5000", JOB_TOKENS = "1000000" } = process.env;
const path = (name: string) => join(JOB_FOLDER, name);

// #region purse
/** The night's books in a file: what was set aside for a request that a crash cut off stays spent. */
function booksIn(file: string): BudgetStore {
  const db = new DatabaseSync(file);
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS books (nanos INTEGER, tokens INTEGER, requests INTEGER)",
  );
  db.exec("INSERT INTO books SELECT 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM books)");
  const read = db.prepare("SELECT nanos, tokens, requests FROM books");
  const add = db.prepare("UPDATE books SET nanos = nanos + ?, tokens = tokens + ?, requests = requests + ?");
  const open = new Map<string, Purse>();
  const state = () => ({ spent: read.get() as unknown as Purse, reserved: { nanos: 0, tokens: 0, requests: 0 } });
  return {
    state,
    reserve(id, worst, limits) {
      const { spent } = state();
      const fits = (["nanos", "tokens", "requests"] as const).every(
        (unit) => spent[unit] + worst[unit] <= (limits[unit] ?? Number.POSITIVE_INFINITY),
      );
      if (fits) {
        open.set(id, worst);
        add.run(worst.nanos, worst.tokens, worst.requests);
      }
      return { fits, ...state() };
    },
    settle(id, used) {
      const worst = open.get(id) ?? used;
      open.delete(id);
      add.run(used.nanos - worst.nanos, used.tokens - worst.tokens, used.requests - worst.requests);
      return state();
    },
  };
}
// #endregion

// #region job
const layers = [retry({ attempts: 5 }), budget({ tokens: Number(JOB_TOKENS), store: booksIn(path("books.db")) })];
const question = ({ text }: { text: string }) => `Good or bad? ${text}`;
const options = { layers, callParams: { maxTokens: 2 } };
// One word chooses who is asked.
const rate = call(JOB_MODEL, options, question);

function* reviews() {
  const texts = ["I could not put it down.", "Two pages were missing.", "A gift for my mother, who loved it."];
  for (let n = 0; n < Number(JOB_ROWS); n++) yield { id: `r${n}`, text: `Copy ${n}: ${texts[n % texts.length]}` };
}

const night = map(rate, reviews(), { key: ({ id }) => id, concurrency: 8, journal: path("night.db"), name: "night" });
for await (const row of night) if (!row.resumed) console.log(row.key, row.status);
const { done, failed, resumed, stopped = "finished", own } = await night;
console.log(JSON.stringify({ done, failed, resumed, stopped, asked: own.requests }));
// #endregion
