import type { FailedAttempt } from "../contract/answer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { classify } from "../errors/classify.ts";
import { isUnbilled } from "../errors/refused.ts";
import type { Plan } from "../prepare/prepare.ts";
import { type Money, type SeenAnswer, spentOn } from "./spent.ts";

interface Details<P extends ProviderTypes> extends Money {
  readonly startTime: number;
  /** What was received of a stream. */
  readonly partial?: SeenAnswer<P> | undefined;
}

/** @internal A request that failed. Nothing is counted before somebody asks. */
export class FailedRequest<P extends ProviderTypes> implements FailedAttempt {
  readonly error: unknown;
  readonly provider: string;
  readonly model: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly #plan: Plan<P>;
  readonly #details: Details<P>;

  constructor(error: unknown, plan: Plan<P>, details: Details<P>) {
    this.error = error;
    this.provider = plan.prepared.provider;
    this.model = plan.prepared.model;
    this.startTime = details.startTime;
    this.endTime = Date.now();
    this.#plan = plan;
    this.#details = details;
  }

  get content(): string {
    return this.#details.partial?.content ?? "";
  }

  get inputTokens(): number | undefined {
    return this.#isRefused ? 0 : this.#details.partial?.inputTokens;
  }

  get outputTokens(): number | undefined {
    return this.#isRefused ? 0 : this.#details.partial?.outputTokens;
  }

  get cost(): number | undefined {
    return this.#isRefused ? 0 : undefined;
  }

  get estimatedCost(): number | undefined {
    if (this.#isRefused) return 0;
    return spentOn(this.#plan, this.#details.partial, false, this.#details).cost;
  }

  toJSON(): object {
    const { provider, model, startTime, endTime, content, inputTokens, outputTokens, cost, estimatedCost } = this;
    const { kind, status } = classify(this.error);
    const error = { kind, ...(status !== undefined && { status }) };
    return {
      error,
      provider,
      model,
      startTime,
      endTime,
      content,
      inputTokens,
      outputTokens,
      cost,
      estimatedCost,
    };
  }

  get #isRefused(): boolean {
    return isUnbilled(this.error);
  }
}
