import type { Attempt } from "../contract/answer.ts";
import { addAttempts } from "../contract/attempts.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { Came } from "../contract/received.ts";
import { type Definition, type Plan, prepareNext } from "../prepare/prepare.ts";
import { usesTools } from "../read/bind-tools.ts";
import { reader } from "../read/reader.ts";
import { CallResponse } from "../read/response.ts";
import { receive } from "../send/receive.ts";
import { extract, noteResponse } from "../structured/extract.ts";
import { ParseError } from "../structured/parse-error.ts";
import { feedback, isAskedAgain } from "../structured/validation-retry.ts";

/** Told of the response that a value comes from. */
export interface Answered<P extends ProviderTypes> {
  response: CallResponse<P> | undefined;
}

/** The validated value; where the answer does not fit, the model is told and asked again, as often as was allowed. */
export async function structured<P extends ProviderTypes>(
  call: Definition<P>,
  first: Plan<P>,
  answered: Answered<P>,
): Promise<unknown> {
  const attempts: Attempt[] = [];
  let plan = first;
  for (let asked = 1; ; asked++) {
    const purpose = asked === 1 ? "call" : "validation";
    let came: Came<P>;
    try {
      came = await receive(call, plan, purpose, reader);
    } catch (error) {
      // What was paid before is not lost with it.
      addAttempts(error, attempts);
      throw error;
    }
    const response = new CallResponse<P>(call, plan, came, { attempts: [...attempts] });
    answered.response = response;
    if (usesTools(response, plan)) return response;
    try {
      return await extract(response, plan.output as NonNullable<Plan<P>["output"]>);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      if (asked > call.validationRetries || !isAskedAgain(error)) throw withAttempts(error, response);
      // What a layer tried for an answer that is not taken was paid for, too.
      attempts.push(...(came.attempts ?? []), response);
      plan = prepareNext(call, plan, feedback(error, response));
    }
  }
}

function withAttempts<P extends ProviderTypes>(error: ParseError, response: CallResponse<P>): ParseError {
  const { kind, message, text, issues, cause } = error;
  const attempts = response.attempts.filter((one) => one instanceof CallResponse);
  const thrown =
    attempts.length === 0
      ? error
      : new ParseError(kind, message, { response: error.response, text, issues, attempts }, { cause });
  addAttempts(thrown, [...response.attempts, response]);
  return thrown;
}

/** Tells of a value's response what was tried before it, and gives the value: the response itself, where it is that. */
export function tellAttempts<P extends ProviderTypes>(
  value: unknown,
  response: CallResponse<P>,
  attempts: readonly Attempt[],
  answered: Answered<P>,
): unknown {
  const told = attempts.length === 0 ? response : response.withAttempts(attempts);
  answered.response = told;
  if (value === response) return told;
  if (told !== response) noteResponse(value, told);
  return value;
}

/** What the output parser makes of a value. Throws `ParseError` with the parser's own error as its cause. */
export async function parse<P extends ProviderTypes>(
  { outputParser }: Definition<P>,
  value: unknown,
  { response: answer }: Answered<P>,
): Promise<unknown> {
  if (outputParser === undefined) return value;
  try {
    return await outputParser(value as never);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    // What is parsed came of a response.
    const response = answer as CallResponse<P>;
    const error = new ParseError(
      "output_parser",
      `The output parser failed: ${said}`,
      { response, text: response.content },
      { cause },
    );
    addAttempts(error, [...response.attempts, response]);
    throw error;
  }
}
