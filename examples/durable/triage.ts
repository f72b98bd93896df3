import { openai } from "callscope/openai";
import * as z from "zod";

// What workers run and jobs ask: in a module of its own, since both need it.
export const Triage = z.object({ urgent: z.boolean() });
export const triage = openai.call(
  "gpt-4o-mini",
  { responseModel: Triage },
  (text: string) => `Is this urgent? ${text}`,
);

export const tickets = [
  { id: "t1", text: "the printer is on fire" },
  { id: "t2", text: "a key sticks" },
  { id: "t3", text: "fire in the server room" },
];
