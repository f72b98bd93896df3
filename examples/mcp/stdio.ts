// #region stdio
import { server } from "./server.ts";

await server.stdio(); // print nothing else to the standard output
// #endregion
