import { type EventRules, parseData, tellsError, verdict } from "../../dialects/sdk-events.ts";

/** How the SDK reads a stream: https://github.com/groq/groq-typescript/blob/main/src/core/streaming.ts */
export const groqEvents: EventRules = {
  endsOpen: false,
  read(event, data) {
    // It reads on behind it, and tells where the connection breaks there.
    if (data.startsWith("[DONE]")) return verdict.drain;
    const parsed = parseData(data);
    const inThread = event?.startsWith("thread.");
    // Asked for these by name, the SDK would print them.
    if (parsed === verdict.ask) return inThread ? verdict.askUnnamed : parsed;
    if (inThread) return { event, data: parsed };
    return tellsError(parsed) ? verdict.ask : parsed;
  },
};
