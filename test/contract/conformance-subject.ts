import type { FakeAnswer } from "../../src/contract/fake-answer.ts";
import type { ProviderTypes } from "../../src/contract/provider.ts";
import type { ConformancePart, ConformanceServer, ConformanceSubject, ServedStep } from "../../src/testing/index.ts";
import { cleanCut, type Handler, hang, status } from "../support/fault-server.ts";
import { eventsOf, type Kind, type Lane, type NetworkLane, type Said, serve } from "./lane.ts";
import { networkLanes } from "./lanes/index.ts";

// A lane as the subject of the suite that is given to authors of providers: its server writes neutral answers on the wire.

const kinds: readonly (readonly [ConformancePart, Kind])[] = [
  ["image", "picture"],
  ["audio", "sound"],
  ["document", "document"],
  ["cache_control", "cache mark"],
];

function saidOf({ text, thinking, toolCalls, finish }: FakeAnswer): Said {
  return {
    ...(text !== undefined && { text: text.text }),
    ...(thinking !== undefined && { thinking: thinking.text }),
    ...(toolCalls.length > 0 && { toolCalls }),
    finish: finish as NonNullable<Said["finish"]>,
  };
}

function stepOf(lane: Lane, step: ServedStep): Said | Handler {
  if (step.type === "silence") return hang;
  if (step.type === "failure") {
    const { status: code = 500 } = step.failure;
    return "error" in lane ? (lane as NetworkLane).error(code) : status(code, "");
  }
  const said = saidOf(step.answer);
  return step.cutAfter === undefined ? said : cleanCut(eventsOf(lane, said), step.cutAfter);
}

async function serverOf(lane: Lane, steps: readonly ServedStep[]): Promise<ConformanceServer> {
  const server = await serve(lane, ...steps.map((step) => stepOf(lane, step)));
  return {
    client: server.client,
    get requests() {
      return server.requests.map(({ body }) => body);
    },
    close: server.close,
  };
}

/** What the suite is to know of a lane. */
export function subjectOf(lane: Lane): ConformanceSubject<ProviderTypes> {
  return {
    provider: lane.provider,
    model: lane.model,
    serve: (steps) => serverOf(lane, steps),
    traits: {
      parts: kinds.flatMap(([part, kind]) => (lane.traits.parts.includes(kind) ? [part] : [])),
      thinking: lane.traits.thinking,
      failures: networkLanes.some(({ name }) => name === lane.name),
    },
  };
}
