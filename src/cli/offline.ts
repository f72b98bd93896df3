import { within } from "../send/scope.ts";
import { noRequests } from "../testing/no-requests.ts";

/** Runs what loads modules of the user's and their prompts: no request leaves meanwhile. */
export function offline<Result>(fn: () => Result): Result {
  return within({ layers: [noRequests()] }, fn);
}
