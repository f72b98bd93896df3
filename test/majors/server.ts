import { eventsOf, isStreamed, type Said } from "../contract/lane.ts";
import { networkLanes } from "../contract/lanes/index.ts";
import { type LoopbackServer, startServer } from "../support/server.ts";

// What answers `program.mjs`, in each provider's own words: `/LANE/SAID/…`.

const said: Readonly<Record<string, Said>> = {
  text: { text: "Dune" },
  answer: { toolCalls: [{ id: "call_1", name: "answer", args: '{"title":"Dune"}' }] },
  add: { toolCalls: [{ id: "call_1", name: "add", args: '{"a":2,"b":3}' }] },
};

/** Starts it. */
export function startMajorsServer(): Promise<LoopbackServer> {
  return startServer((answer) => {
    const [, name = "", word = ""] = answer.request.path.split("/");
    const lane = networkLanes.find((one) => one.name === decodeURIComponent(name));
    if (lane === undefined) throw new Error(`No lane is called ${name}.`);
    const says = said[word];
    if (says === undefined) return lane.error(404)(answer);
    const { headers = {} } = lane;
    if (isStreamed(answer.request)) {
      const events = eventsOf(lane, says).map((event) => Buffer.from(event));
      answer.send(200, { "content-type": "text/event-stream", ...headers }, Buffer.concat(events));
    } else answer.send(200, { "content-type": "application/json", ...headers }, JSON.stringify(lane.whole(says)));
    return undefined;
  });
}
