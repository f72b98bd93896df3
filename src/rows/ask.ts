import type { CallPromise } from "../call/types.ts";
import type { Attempt } from "../contract/answer.ts";
import { attemptsOf } from "../contract/attempts.ts";
import type { ToolLoopResult, ToolLoopRun } from "../loop/types.ts";
import { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import { StructuredStream } from "../structured/structured-stream.ts";

/** What a call, a stream or a loop gave for one row, and all that it came to. */
export interface Asked {
  readonly value: unknown;
  /** The answer it comes from; of a loop there are several. */
  readonly responses: readonly CallResponse[];
  readonly loop: ToolLoopResult<never, never> | undefined;
}

/** What was used for a row. */
export interface Used {
  readonly cost: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly requests: number;
}

type Loop = ToolLoopRun<never, never>;

/** Calls the function and waits for what it gives, to the end of a stream or a loop. `told` is given the loop's run. */
export async function ask(
  call: (...args: never[]) => unknown,
  args: readonly unknown[],
  told: (run: Loop) => void,
): Promise<Asked> {
  const given = call(...(args as never[]));
  if (given instanceof Stream) {
    for await (const _ of given.chunks());
    const response = given.constructCallResponse() as CallResponse;
    return { value: response, responses: [response], loop: undefined };
  }
  if (given instanceof StructuredStream) {
    let value: unknown;
    for await (const grown of given) value = grown;
    return { value, responses: [given.stream.constructCallResponse() as CallResponse], loop: undefined };
  }
  if (isLoop(given)) {
    told(given);
    const result = await given;
    return { value: result, responses: result.responses as readonly CallResponse[], loop: result };
  }
  const { value, response } = await (given as CallPromise<unknown, CallResponse | undefined>).withResponse();
  return { value, responses: response === undefined ? [] : [response], loop: undefined };
}

function isLoop(given: unknown): given is Loop {
  return given instanceof Promise && Symbol.asyncIterator in given;
}

/** What an answered row has used, all its attempts included. */
export function usedBy({ responses, loop }: Asked, run: Loop | undefined): Used {
  const [response] = responses;
  if (loop === undefined && response !== undefined) return response.total;
  const { cost, inputTokens, outputTokens } = loop ?? nothing;
  return { cost, inputTokens, outputTokens, requests: responses.length + (run?.attempts.length ?? 0) };
}

/** What a failed row has used: what is noted of its error, or of the run of its loop. */
export function usedUntil(error: unknown, run: Loop | undefined): Used {
  if (run !== undefined) return sumOf([...run.attempts, ...run.responses]);
  return sumOf(attemptsOf(error));
}

const nothing: Used = { cost: 0, inputTokens: 0, outputTokens: 0, requests: 0 };

function sumOf(attempts: readonly Attempt[]): Used {
  const sum = (name: "cost" | "inputTokens" | "outputTokens") =>
    attempts.reduce<number | undefined>((total, { [name]: value }) => {
      return total === undefined || value === undefined ? undefined : total + value;
    }, 0);
  return {
    cost: sum("cost"),
    inputTokens: sum("inputTokens"),
    outputTokens: sum("outputTokens"),
    requests: attempts.length,
  };
}

/** True for an answer's own object, whose parts are read when they are asked for. */
export function isResponse(value: unknown): value is CallResponse {
  return value instanceof CallResponse;
}
