import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { ConformanceServer, ConformanceSubject, FakeAnswer, ServedStep } from "callscope/testing";
import { provider, type TinyAnswer, TinyClient, type TinyRequest, type TinyTypes } from "./tiny.ts";

const ends: Readonly<Record<string, TinyAnswer["end"]>> = { stop: "done", length: "limit", tool_calls: "calls" };

// #region answers
function whole({ id, model, text, toolCalls, finish, usage }: FakeAnswer): TinyAnswer {
  return {
    id,
    model,
    text: text?.text ?? "",
    calls: toolCalls.map(({ id, name, args }) => ({ id, tool: name, input: args })),
    end: ends[finish] ?? "done",
    used: { read: usage.inputTokens, wrote: usage.outputTokens },
  };
}

function eventsOf(answer: FakeAnswer): Partial<TinyAnswer>[] {
  const { id, model, calls, end, used } = whole(answer);
  const pieces = answer.text?.pieces ?? [];
  return [
    { id, model },
    ...pieces.map((text) => ({ text })),
    ...calls.map((call) => ({ calls: [call] })),
    { end, used },
  ];
}
// #endregion

// #region serve
async function serve(steps: readonly ServedStep[]): Promise<ConformanceServer<TinyTypes>> {
  const requests: TinyRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = JSON.parse(await text(incoming)) as TinyRequest;
    const step = steps[Math.min(requests.push(request), steps.length) - 1];
    if (step?.type === "failure") outgoing.writeHead(step.failure.status ?? 500).end(step.failure.message);
    if (step?.type !== "answer") return;
    const sent = request.stream ? eventsOf(step.answer).slice(0, step.cutAfter) : [whole(step.answer)];
    outgoing.end(sent.map((event) => `${JSON.stringify(event)}\n`).join(""));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { client: new TinyClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), requests, close };
}

export const subject: ConformanceSubject<TinyTypes> = {
  provider,
  model: "tiny-1",
  traits: { modes: ["tool"] },
  serve,
};
// #endregion
