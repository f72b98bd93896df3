import { LazyModule } from "../contract/lazy-module.ts";

/** What sends and reads: loaded with the first call of the program. */
export const answering = /* @__PURE__ */ new LazyModule(() => import("./answering.ts"));

/** What sends and reads apart: loaded with the first call that does so. */
export const apart = /* @__PURE__ */ new LazyModule(() => import("./apart.ts"));
