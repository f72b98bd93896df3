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
export { type FakeModel, fake, type Script, type ScriptFunction, type ScriptStep } from "./fake.ts";
