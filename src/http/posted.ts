// Errors are marked beside themselves: what is wrong with a post is the visitor's mistake, and no error of the program's.
const posted = new WeakSet<object>();

/** Notes that an error is about what a visitor posted. */
export function notePosted(error: unknown): void {
  if (typeof error === "object" && error !== null) posted.add(error);
}

/** True for an error about what a visitor posted. */
export function isPosted(error: unknown): boolean {
  return typeof error === "object" && error !== null && posted.has(error);
}
