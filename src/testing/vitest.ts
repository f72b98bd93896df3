import { aroundEach, expect } from "vitest";
import { within } from "../send/scope.ts";
import { type CallscopeMatchers, matchers } from "./matchers.ts";
import { noRequests } from "./no-requests.ts";

// A set-up file of vitest: `setupFiles: ["callscope/testing/vitest"]`. No test of the suite sends a request, unless it
// says so by `within({ layers: null }, …)`; what it answers by `fake` or `tape` is answered.

declare module "vitest" {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends CallscopeMatchers<R, T> {}
}

aroundEach((runTest) => within({ layers: [noRequests()] }, runTest));
expect.extend(matchers);
