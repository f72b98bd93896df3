import { deepEqual, equal, ok } from "node:assert/strict";
import { UnsupportedError } from "../../errors/errors.ts";
import { loadHistory, saveHistory } from "../../message/history.ts";
import { Messages } from "../../message/message.ts";
import type { Part } from "../../message/parts.ts";
import type { Check } from "./check.ts";
import { collect, frozen, type Stage, thrownBy } from "./stage.ts";
import { saying } from "./steps.ts";
import type { ConformancePart } from "./types.ts";

const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");

const parts: Readonly<Record<ConformancePart, Part>> = {
  image: { type: "image", data: base64("\x89PNG\r\n\x1a\n"), mediaType: "image/png" },
  audio: { type: "audio", data: base64("RIFF\0\0\0\0WAVEfmt "), mediaType: "audio/wav" },
  document: { type: "document", data: base64("%PDF-1.4\n"), mediaType: "application/pdf" },
  cache_control: { type: "cache_control", cacheType: "ephemeral" },
};

const conversation = frozen([
  Messages.system("Be brief as sys-1."),
  Messages.user("What is usr-1?"),
  Messages.assistant("It is ast-1."),
  Messages.user("And usr-2?"),
]);

/** What arrived last, as JSON. */
function lastBody({ server }: Stage): string {
  return JSON.stringify(server.requests.at(-1) ?? null);
}

/** Checks that something is refused as unsupported, whole and streamed, before anything is sent. */
export async function checkRefused(stage: Stage, what: string, options: object, write?: () => unknown): Promise<void> {
  const runs = [
    () => stage.ask(options, write).prepare(),
    () => stage.ask(options, write)(),
    async () => void (await collect<unknown>(stage.stream(options, write)())),
  ];
  for (const run of runs) {
    const error = await thrownBy(what, run);
    ok(error instanceof UnsupportedError, `${what} must be refused with an UnsupportedError; it was ${String(error)}`);
  }
  equal(stage.watched.requests.length + stage.server.requests.length, 0, "a request was sent before it was refused");
}

/** What a request is made of, and what is not to happen to it. */
export const requestChecks: readonly Check[] = [
  {
    name: "system, user and assistant messages are all sent, the turns in their order",
    steps: (model) => [saying(model, { text: "ok" })],
    async run(stage) {
      await stage.ask({}, () => conversation)();
      const body = lastBody(stage);
      ok(body.includes("sys-1"), "the system message is not in the request");
      const places = ["usr-1", "ast-1", "usr-2"].map((word) => body.indexOf(word));
      ok(!places.includes(-1), `not every turn is in the request: ${body}`);
      deepEqual(
        places,
        [...places].sort((a, b) => a - b),
        "the turns are not in their order",
      );
    },
  },
  {
    name: "`prepare` sends nothing, and gives the request that a call sends, as plain data",
    steps: (model) => [saying(model, { text: "ok" })],
    async run(stage) {
      const asked = stage.ask({}, () => conversation);
      const { request } = await asked.prepare();
      equal(stage.watched.requests.length + stage.server.requests.length, 0, "`params` is pure: it sends nothing");
      deepEqual(JSON.parse(JSON.stringify(request)), request, "the request does not survive JSON");
      await asked();
      deepEqual(stage.watched.requests, [request]);
    },
  },
  {
    name: "nothing that is passed in is changed",
    steps: (model) => [saying(model, { text: "ok" })],
    async run(stage) {
      const write = () => frozen({ messages: conversation, metadata: { tags: ["a"] } });
      const response = await stage.ask({}, write)();
      await collect(stage.stream({}, write)());
      const before = JSON.stringify(response.response);
      const turn = frozen(response.messageParam);
      frozen(response.message);
      equal(JSON.stringify(response.response), before, "reading a response has changed it");
      await stage.ask({}, () => frozen([Messages.user("Hi"), response.message, Messages.user("!")]))();
      await stage.ask({}, () => frozen({ messages: [Messages.user("Hi"), turn, Messages.user("!")] }))();
    },
  },
  {
    name: "an answer goes back, as the provider's own turn and as ours, from a call and from a stream",
    steps: (model) => [saying(model, { text: "It is ast-1." })],
    async run(stage) {
      const response = await stage.ask()();
      const stream = stage.stream()();
      await collect(stream);
      const bodies: unknown[] = [];
      for (const turn of [response.messageParam, response.message, stream.messageParam, stream.message]) {
        await stage.ask({}, () => ({ messages: [Messages.user("Hi"), turn, Messages.user("And?")] }))();
        bodies.push(stage.server.requests.at(-1));
        ok(lastBody(stage).includes("ast-1"), "the answer is not in the next request");
      }
      for (const body of bodies) deepEqual(body, bodies[0], "the same turn is not sent the same");
    },
  },
  {
    name: "a history survives JSON",
    steps: (model) => [saying(model, { text: "It is ast-1." })],
    async run(stage) {
      const { message } = await stage.ask()();
      const history = [...conversation.slice(0, 2), message, Messages.user("And?")];
      const stored = JSON.stringify(saveHistory(history));
      await stage.ask({}, () => history)();
      await stage.ask({}, () => loadHistory(JSON.parse(stored)))();
      deepEqual(stage.server.requests[2], stage.server.requests[1]);
    },
  },
  ...Object.entries(parts).flatMap(([type, part]): Check[] => {
    const write = () => frozen([Messages.user(["Look:", part])]);
    const steps: Check["steps"] = (model) => [saying(model, { text: "ok" })];
    const takes: NonNullable<Check["needs"]> = (traits) => (traits.parts ?? []).includes(type as ConformancePart);
    return [
      {
        name: `a part of the type ${type} is sent`,
        needs: takes,
        steps,
        async run(stage) {
          equal((await stage.ask({}, write)()).content, "ok");
          const { data } = part as { data?: string };
          ok(data === undefined || lastBody(stage).includes(data), "its data is not in the request");
          ok(lastBody(stage).includes("Look:"), "the text before it is not in the request");
        },
      },
      {
        name: `a part of the type ${type} is refused by name before any request`,
        needs: (traits) => !takes(traits),
        steps,
        run: (stage) => checkRefused(stage, `A part of the type ${type}`, {}, write),
      },
    ];
  }),
];
