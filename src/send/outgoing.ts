import { elsewhereOf, pricedBy } from "../contract/address.ts";
import type { Answer } from "../contract/answer.ts";
import type { Outgoing, OutgoingChanges, PreparedData, Purpose } from "../contract/layer.ts";
import type { ProviderTypes, SentSettings, TelemetryNames } from "../contract/provider.ts";
import { type ReceivedData, toReceived } from "../contract/received.ts";
import type { StandIn } from "../contract/stand-in.ts";
import { telemetryOf } from "../contract/telemetry.ts";
import {
  type Cost,
  costOf,
  dearestOf,
  isPriceSource,
  loadedPrices,
  type PriceConditions,
  type Prices,
} from "../money/cost.ts";
import type { Tokens } from "../money/tokens.ts";
import { estimateInput } from "../prepare/estimate.ts";
import { prepare } from "../prepare/evaluate.ts";
import type { Definition, Plan } from "../prepare/prepare.ts";
import type { Reader } from "./reader.ts";
import { wait } from "./wait.ts";

/** Where a request comes from. */
export interface Origin<P extends ProviderTypes> {
  readonly call: Definition<P>;
  readonly plan: Plan<P>;
  readonly purpose: Purpose;
  readonly reader: Reader;
}

interface Sent {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly attempt: number;
  readonly sdkRetries: boolean;
  readonly standIn?: StandIn | undefined;
  readonly shared: boolean;
  readonly onSent?: (() => void) | undefined;
}

/** @internal A request as it goes through the layers. */
export class OutgoingRequest<P extends ProviderTypes> implements Outgoing {
  readonly provider: string;
  readonly model: string;
  readonly purpose: Purpose;
  readonly attempt: number;
  readonly sdkRetries: boolean;
  readonly timeout: number | undefined;
  readonly #origin: Origin<P>;
  readonly #sent: Sent;
  #shown: Readonly<Record<string, string>> | undefined;

  constructor(origin: Origin<P>, sent: Sent) {
    const { prepared } = origin.plan;
    this.provider = prepared.provider;
    this.model = prepared.model;
    this.purpose = origin.purpose;
    this.attempt = sent.attempt;
    this.sdkRetries = sent.sdkRetries;
    this.timeout = sent.timeout;
    this.#origin = origin;
    this.#sent = sent;
  }

  get prepared(): PreparedData {
    return this.#origin.plan.prepared;
  }

  get signal(): AbortSignal | undefined {
    return this.#sent.signal;
  }

  get metadata(): Readonly<Record<string, unknown>> | undefined {
    return this.#origin.plan.prepared.metadata;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#shown ??= Object.defineProperties(
      {},
      Object.fromEntries(Object.entries(this.#sent.headers ?? {}).map(([name, value]) => [name, { value }])),
    );
    return this.#shown;
  }

  get standIn(): StandIn | undefined {
    return this.#sent.standIn;
  }

  get inCall(): boolean {
    return this.#origin.call.inCall === true;
  }

  get address(): string | undefined {
    const { client } = this.#origin.plan;
    return this.#origin.call.provider.address?.(client as P["Client"] | undefined);
  }

  get settings(): SentSettings {
    const { call, plan } = this.#origin;
    return call.provider.settings?.(plan.prepared.request) ?? {};
  }

  get telemetry(): TelemetryNames {
    const { call, plan } = this.#origin;
    return telemetryOf(call.provider, plan.client);
  }

  get estimatedInputTokens(): number {
    return estimateInput(this.#origin.plan.neutral, this.#origin.call.provider);
  }

  wait(ms: number): Promise<void> {
    return (this.#origin.call.layers?.wait ?? wait)(ms, this.signal);
  }

  priceOf(tokens: Tokens, prices?: Prices): Cost {
    const own = prices && costOf({ ...this.#asked({}), tokens, prices }, loadedPrices());
    // A table holds for the models it names; a list takes the place of ours.
    if (own !== undefined && (isPriceSource(prices as Prices) || own.entry?.source === "table")) return own;
    return costOf({ ...this.#asked({}), ...this.#ownPrices, tokens }, loadedPrices());
  }

  dearestOf(readings: readonly Tokens[], prices?: Prices, conditions: PriceConditions = {}): number | undefined {
    const asked = this.#asked(conditions);
    const { requestedModel, model } = asked;
    const isOwn =
      prices !== undefined &&
      (isPriceSource(prices) || [model, requestedModel].some((id) => Object.hasOwn(prices, id)));
    return dearestOf({ ...asked, ...(isOwn ? { prices } : this.#ownPrices) }, readings, loadedPrices());
  }

  get #ownPrices() {
    const { call, plan } = this.#origin;
    return { prices: call.sending?.prices, elsewhere: elsewhereOf(call.provider, plan.client) };
  }

  #asked({ tier, region }: PriceConditions) {
    const { model, priced } = this.#origin.plan.prepared;
    const asked = priced ?? pricedBy(this.#origin.call.provider, model);
    return { ...asked, requestedModel: model, at: Date.now(), serviceTier: tier, region };
  }

  with(changes: OutgoingChanges): OutgoingRequest<P> {
    const { plan } = this.#origin;
    const origin =
      changes.request === undefined
        ? this.#origin
        : { ...this.#origin, plan: { ...plan, prepared: plan.prepared.withRequest(changes.request as P["Request"]) } };
    return new OutgoingRequest<P>(origin, changedSent(this.#sent, changes));
  }

  withHeaders(headers: Readonly<Record<string, string>>): OutgoingRequest<P> {
    return this.with({ headers });
  }

  read(received: ReceivedData): Answer {
    const { reader, call, plan } = this.#origin;
    const whole = toReceived<P>(received as ReceivedData<P>);
    return whole.readOnce(plan, () => reader.answer(call, plan, whole));
  }

  async prepare(...args: unknown[]): Promise<OutgoingRequest<P>> {
    const plan = await prepare(this.#origin.call, args);
    return new OutgoingRequest<P>({ ...this.#origin, plan }, this.#sent);
  }

  /** @internal */
  get origin(): Origin<P> {
    return this.#origin;
  }

  /** @internal With the values of the headers, for the SDK alone. */
  get sent(): Sent {
    return this.#sent;
  }
}

// One by one: each layer changes each request.
function changedSent(sent: Sent, changes: OutgoingChanges): Sent {
  const { headers } = changes;
  return {
    signal: "signal" in changes ? changes.signal : sent.signal,
    timeout: "timeout" in changes ? changes.timeout : sent.timeout,
    headers: headers === undefined ? sent.headers : { ...sent.headers, ...headers },
    attempt: changes.attempt ?? sent.attempt,
    sdkRetries: changes.sdkRetries ?? sent.sdkRetries,
    standIn: changes.standIn ?? sent.standIn,
    shared: changes.shared ?? sent.shared,
    onSent: bothOf(sent.onSent, changes.onSent),
  };
}

function bothOf(first: (() => void) | undefined, second: (() => void) | undefined): (() => void) | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return () => {
    first();
    second();
  };
}
