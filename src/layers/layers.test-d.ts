import { openai } from "../providers/openai/index.ts";
import { ParseError } from "../structured/parse-error.ts";
import { budget } from "./budget.ts";
import { limit } from "./limit.ts";
import { retry } from "./retry.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

// What `when` takes, and what its function is told.
retry({ when: "rate_limit" });
retry({ when: [ParseError, "server", (error, view) => error instanceof RangeError || view.status === 409] });
// @ts-expect-error no kind of classify
retry({ when: "ratelimit" });
// @ts-expect-error a misspelt option
retry({ attemps: 3 });

// `again` gives arguments of the call, and refuses to stand around another.
const shorter = retry({
  again: (errors, text: string, length: number): [text: string, length: number] => {
    assert<Equal<typeof errors, readonly unknown[]>>();
    return [text.slice(0, length), length];
  },
});
openai.call("m", { layers: [shorter] }, (text: string, length: number) => text.repeat(length));
// @ts-expect-error the arguments are of another type
openai.call("m", { layers: [shorter] }, (pages: number) => `${pages}`);

const steady = limit({ concurrency: 2 });
assert<Equal<typeof steady.waiting, number>>();
// @ts-expect-error a figure is read only
steady.running = 3;

const purse = budget({ usd: 1, unpriced: "allow" });
assert<Equal<typeof purse.left.usd, number | undefined>>();
assert<Equal<typeof purse.spent.usd, number>>();
// @ts-expect-error neither of the two
budget({ usd: 1, unbounded: "maybe" });
