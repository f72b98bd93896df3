import { deepEqual, equal, ok } from "node:assert/strict";
import { classify, type ErrorKind } from "../../errors/classify.ts";
import type { Check } from "./check.ts";
import { collect, type Stage, thrownBy } from "./stage.ts";
import { failing, saying, silence } from "./steps.ts";

/** A call and a stream, as two things to run. */
function bothWays(stage: Stage, overrides: object = {}): readonly (readonly [string, () => Promise<unknown>])[] {
  return [
    ["a call", async () => stage.ask().with(overrides)()],
    ["a stream", () => collect(stage.stream().with(overrides)())],
  ];
}

const statuses = [
  ["authentication", 401],
  ["not_found", 404],
  ["rate_limit", 429],
  ["server", 500],
] as const satisfies readonly (readonly [ErrorKind, number])[];

/** Refusals and aborts. */
export const failureChecks: readonly Check[] = [
  ...statuses.map(
    ([kind, status]): Check => ({
      name: `a refusal with status ${status} reaches the caller as the SDK's own error, and is sent once`,
      needs: ({ failures = true }) => failures,
      steps: () => [failing(kind, status)],
      async run(stage) {
        for (const [index, [name, run]] of bothWays(stage).entries()) {
          const error = await thrownBy(`${name} that was refused`, run);
          equal(stage.server.requests.length, index + 1, `${name} was sent more than once`);
          ok(error === stage.watched.errors.at(-1), `${name} did not throw the object that the SDK threw`);
          const view = classify(error);
          deepEqual([view.status, view.kind], [status, kind], `what classify() reads from ${String(error)}`);
        }
      },
    }),
  ),
  {
    name: "an abort before the request is its reason, and nothing is sent",
    steps: (model) => [saying(model, { text: "ok" })],
    async run(stage) {
      const reason = new Error("enough");
      for (const [name, run] of bothWays(stage, { signal: AbortSignal.abort(reason) })) {
        ok((await thrownBy(`${name} that was aborted`, run)) === reason, `${name} did not throw the signal's reason`);
      }
      deepEqual([stage.watched.requests, stage.server.requests], [[], []]);
    },
  },
  {
    name: "an abort while the answer is awaited ends it",
    steps: () => [silence],
    async run(stage) {
      const controllers = [new AbortController(), new AbortController()];
      for (const [index, controller] of controllers.entries()) {
        const [name, run] = bothWays(stage, { signal: controller.signal })[index] ?? [];
        if (run === undefined) continue;
        const running = thrownBy(`${name} that was aborted`, run);
        await arrived(stage, index + 1);
        controller.abort();
        const ended = await running;
        equal(classify(ended).kind, "aborted", `${name} threw ${String(ended)}`);
      }
    },
  },
];

// Milliseconds, for a busy machine.
const patience = 5_000;

/** Waits until so many requests have come. */
async function arrived({ server }: Stage, count: number): Promise<void> {
  const until = performance.now() + patience;
  while (server.requests.length < count) {
    ok(performance.now() < until, "the request did not arrive at the server");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
