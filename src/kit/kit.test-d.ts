import type { Tool } from "../tools/tool.ts";
import {
  type FetchPageArgs,
  fetchPage,
  fileTools,
  httpRequest,
  runCode,
  type SearchService,
  type ToolFailure,
  webSearch,
} from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};
type Names<Tools extends readonly Tool[]> = { readonly [Index in keyof Tools]: Tools[Index]["name"] };

// Arguments and results are typed by the tool.
const page = fetchPage({ timeout: 1_000 });
assert<Equal<Parameters<typeof page.call>[0], FetchPageArgs>>();
assert<Equal<ReturnType<typeof page.call>, Promise<string | ToolFailure>>>();
// @ts-expect-error a page has an address
page.call({}, { toolCallId: "" });
// @ts-expect-error a misspelt option
fetchPage({ timeOut: 1 });
httpRequest({ methods: ["POST"] });
// @ts-expect-error no method of HTTP's that it sends
httpRequest({ methods: ["TRACE"] });

// Only what was asked for is among the tools of files.
const reading = fileTools({ root: "." });
assert<Equal<Names<typeof reading>, readonly ["read_file", "list_directory", "search_files"]>>();
const writing = fileTools({ root: ".", write: true, remove: true });
type All = readonly ["read_file", "list_directory", "search_files", "write_file", "create_directory", "delete_file"];
assert<Equal<Names<typeof writing>, All>>();
// @ts-expect-error the root is missing
fileTools({});

// A service gives results; its options tell how many are wanted.
const search: SearchService = async (query, { count }) =>
  Array.from({ length: count }, () => ({ title: query, url: "" }));
webSearch({ search });
// @ts-expect-error there is no search without a service
webSearch({});
// @ts-expect-error a result has an address
webSearch({ search: async () => [{ title: "x" }] });

runCode({ languages: { python: { command: ["/usr/bin/python3"] } } });
// @ts-expect-error a command has a program
runCode({ languages: { python: { command: [] } } });
