// #region vitest
import { conformance } from "callscope/testing";
import { test } from "vitest";
import { subject } from "./tiny-server.ts";

for (const { name, run } of conformance(subject)) test(name, run);
// #endregion
