import { defineConfig } from "vitest/config";

// A suite of a user's, run by `test/testing/suite.test.ts`.
export default defineConfig({
  test: { include: ["*.case.ts"], setupFiles: ["../../../src/testing/vitest.ts"] },
});
