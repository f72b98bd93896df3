export type { Redact } from "../json/scrub.ts";
export {
  type AnswerParts,
  type AnswerToolCall,
  type AnswerUsage,
  answer,
  type FailureOptions,
  type Fault,
  failure,
  type ScriptedAnswer,
  type ScriptedFailure,
} from "./answer.ts";
export { type FakeModel, type FakeOptions, fake, type Script, type ScriptFunction, type ScriptStep } from "./fake.ts";
export {
  type Asked,
  type CallscopeMatchers,
  type HasCost,
  type HasToolCalls,
  type MatcherResult,
  matchers,
  type SentPart,
  type ToolArgsOf,
  type ToolNameOf,
} from "./matchers.ts";
export { noRequests } from "./no-requests.ts";
export { type Tape, type TapeMode, type TapeOptions, tape } from "./tape.ts";
