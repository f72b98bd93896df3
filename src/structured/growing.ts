// What a structured stream reads its values with: loaded with the first event of the first one, as a whole.
export { listIssues } from "../errors/issue.ts";
export { PartialJson } from "../json/partial-json.ts";
export { fitValue } from "../schema/fit-value.ts";
export { extract } from "./extract.ts";
export { ParseError } from "./parse-error.ts";
