import { type EventRules, parseData, verdict } from "../../dialects/sdk-events.ts";

/** How the SDK reads a stream: https://github.com/anthropics/anthropic-sdk-typescript/blob/main/src/core/streaming.ts */
export const anthropicEvents: EventRules = {
  endsOpen: false,
  read(event, data) {
    if (event === "error") return verdict.ask;
    if (event === null || event === "ping" || data === "") return verdict.skip;
    return parseData(data);
  },
};
