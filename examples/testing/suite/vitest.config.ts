import { defineConfig } from "vitest/config";

// #region config
export default defineConfig({
  test: { setupFiles: ["callscope/testing/vitest"] },
});
// #endregion
