import { revivePlan } from "../call/apart.ts";
import { bind } from "../call/call.ts";
import type { Attempt, FailedAttempt } from "../contract/answer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { fromJSON, Received } from "../contract/received.ts";
import { BatchError } from "../errors/batch-error.ts";
import { classify } from "../errors/classify.ts";
import { loadPrices } from "../money/cost.ts";
import { type Definition, type Plan, prepareNext } from "../prepare/prepare.ts";
import { CallResponse } from "../read/response.ts";
import { ParseError } from "../structured/parse-error.ts";
import { feedback, isAskedAgain } from "../structured/validation-retry.ts";
import type { Asked, Used } from "./ask.ts";
import type { Item } from "./batch-store.ts";

type Call = Definition<ProviderTypes>;

/** What came back for a row: an answer, or an error instead of one. */
export type Came = { readonly received: Received } | { readonly error: unknown };

/** What a row came to. */
export type End = { readonly asked: Asked; readonly used: Used } | Failure;

/** Why it has no value, and what is needed to ask it again. */
export interface Failure {
  readonly error: unknown;
  readonly used: Used;
  readonly plan: Plan<ProviderTypes>;
  readonly response?: CallResponse;
}

/** The value of what came, as reading it by the call gives it. */
export async function readAnswer(call: Call, item: Item, came: Came): Promise<End> {
  const plan = await revivePlan(call, JSON.parse(item.prepared));
  const attempts = JSON.parse(item.attempts) as Attempt[];
  if ("error" in came) return { error: came.error, used: sumOf([...attempts, failed(call, came.error)]), plan };
  await loadPrices();
  const { received } = came;
  let response: CallResponse;
  try {
    response = new CallResponse<ProviderTypes>(call, plan, received.came, { attempts });
  } catch (error) {
    return { error, used: sumOf([...attempts, { ...failed(call, error), cost: undefined }]), plan };
  }
  try {
    const value = await bind(call).read(plan.prepared, received.with({ attempts }));
    return { asked: { value, responses: [response], loop: undefined }, used: response.total };
  } catch (error) {
    return { error, used: response.total, plan, response };
  }
}

/** True where asking again may give an answer that does. */
export function mayDoBetter({ error, response }: Failure): boolean {
  if (error instanceof ParseError) return response !== undefined && isAskedAgain(error);
  if (error instanceof BatchError) return error.fault === "expired";
  return classify(error).retryable;
}

/** The row as it is asked again: with what was wrong, where there was an answer. */
export function nextItem(call: Call, item: Item, { error, plan, response }: Failure): Item {
  const next =
    response !== undefined && error instanceof ParseError ? prepareNext(call, plan, feedback(error, response)) : plan;
  const attempts = [...(JSON.parse(item.attempts) as object[]), attemptOf(call, error, response)];
  return {
    ...item,
    prepared: JSON.stringify(next.prepared),
    attempts: JSON.stringify(attempts),
    asked: item.asked + 1,
  };
}

/** Sends it now, at the full price. */
export async function askLive(call: Call, { prepared }: Item): Promise<Came> {
  try {
    // It was made by `prepare` of this very call.
    return { received: (await bind(call).send(fromJSON(JSON.parse(prepared)))) as Received };
  } catch (error) {
    return { error };
  }
}

/** What came in a batch, with its price. */
export function receivedIn(response: object, startTime: number): Came {
  return { received: new Received({ response, startTime, endTime: Date.now(), tier: "batch" }) };
}

function attemptOf(call: Call, error: unknown, response: CallResponse | undefined): FailedAttempt {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  // It is kept as JSON.
  const told = { ...failed(call, { name, message }) };
  if (response === undefined) return told;
  const { model, startTime, endTime, content, inputTokens, outputTokens, cost } = response;
  return { ...told, model, startTime, endTime, content, inputTokens, outputTokens, cost };
}

/** A request that has no answer: in a batch it is not billed. */
function failed({ provider, model }: Call, error: unknown): FailedAttempt {
  const now = Date.now();
  const nothing = { content: "", inputTokens: 0, outputTokens: 0, cost: 0, estimatedCost: undefined };
  return { error, provider: provider.name, model, startTime: now, endTime: now, ...nothing };
}

function sumOf(attempts: readonly Attempt[]): Used {
  const sum = (name: "cost" | "inputTokens" | "outputTokens") =>
    attempts.reduce<number | undefined>((total, { [name]: value }) => {
      return total === undefined || value === undefined ? undefined : total + value;
    }, 0);
  const [cost, inputTokens, outputTokens] = [sum("cost"), sum("inputTokens"), sum("outputTokens")];
  return { cost, inputTokens, outputTokens, requests: attempts.length };
}
