// Tools a person expects, safe by default.
export type { HostLookup } from "./addresses.ts";
export { type FetchPageArgs, fetchPage } from "./fetch-page.ts";
export {
  type FileTool,
  type FileTools,
  type FileToolsOptions,
  fileTools,
  type ReadFileArgs,
  type SearchFilesArgs,
} from "./file-tools.ts";
export { type HttpMethod, type HttpRequestArgs, type HttpRequestOptions, httpRequest } from "./http-request.ts";
export type { SandboxLanguage } from "./languages.ts";
export { type RunCodeArgs, type RunCodeOptions, runCode, sandboxProblem } from "./run-code.ts";
export { type FailureCode, ToolFailure } from "./tool-failure.ts";
export type { WebOptions } from "./web-options.ts";
export {
  type SearchResult,
  type SearchService,
  type WebSearchArgs,
  type WebSearchOptions,
  webSearch,
} from "./web-search.ts";
