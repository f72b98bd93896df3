// The AI SDK wants an id of every tool call, and some services give none: then one is made here, which is taken off again
// when the call comes back.

const made = "callscope-no-id-";

/** A call's id for the AI SDK; `place` is that of the call in its answer. */
export function shownId(id: string, place: number, answer: string): string {
  return id === "" ? `${made}${answer}-${place}` : id;
}

/** The id as the service gave it. */
export function ownId(id: string): string {
  return id.startsWith(made) ? "" : id;
}
