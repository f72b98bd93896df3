// What a program that only writes messages takes of the library.
export { Messages } from "../../src/index.ts";
