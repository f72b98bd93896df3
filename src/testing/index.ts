export type { FakeAnswer, FakeFailure, FakeText, FakeToolCall, FakeUsage, FakeWire } from "../contract/fake-answer.ts";
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
export { conformance } from "./conformance/conformance.ts";
export type {
  ConformanceCheck,
  ConformancePart,
  ConformanceServer,
  ConformanceSubject,
  ConformanceTraits,
  ServedStep,
} from "./conformance/types.ts";
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
