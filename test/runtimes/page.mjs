import { run } from "./library.mjs";

// For a browser: the test calls it in the page.
globalThis.run = () => run(location.origin);
