import type { Head } from "../contract/head.ts";
import { headOfObject } from "../contract/head.ts";
import type { Outgoing } from "../contract/layer.ts";
import { classify } from "../errors/classify.ts";
import { environmentSecrets, type Redact, scrub, scrubText } from "../json/scrub.ts";
import { encodeBytes } from "../message/history.ts";
import type { TapedEnd, TapedError, TapedRequest } from "./exchange.ts";

/** Turns what is sent and received into what may stand in a file: JSON, and no secrets. */
export class Recorder {
  readonly #redact: Redact | undefined;

  constructor(redact: Redact | undefined) {
    this.#redact = redact;
  }

  request({ provider, model, prepared }: Outgoing): TapedRequest {
    const { stream, request } = prepared;
    return { provider, model, stream, request: this.#clean(request, "request") };
  }

  response(response: object): TapedEnd {
    // The id that some SDKs note on their object, unseen.
    const id: unknown = Object.hasOwn(response, "_request_id") ? Reflect.get(response, "_request_id") : undefined;
    const whole = this.#clean(response, "response");
    return { type: "response", response: whole, ...(typeof id === "string" && { id }) };
  }

  /** One event, as it is now: whoever reads it may let it grow. */
  event(event: object): unknown {
    return toPlain(event);
  }

  /** All events of a stream. A secret that is cut into pieces is found, too: then the first event has the whole text. */
  events(events: readonly unknown[]): unknown[] {
    const clean = events.map((event, index) => scrub(event, environmentSecrets(), this.#redact, ["events", index]));
    const secrets = environmentSecrets();
    const places = new Map<string, Leaf[]>();
    for (const event of clean) collectTexts(event, "", places);
    for (const leaves of places.values()) {
      const whole = leaves.map(({ text }) => text).join("");
      const scrubbed = scrubText(whole, secrets);
      if (scrubbed === whole) continue;
      for (const [index, leaf] of leaves.entries()) leaf.set(index === 0 ? scrubbed : "");
    }
    return clean;
  }

  head(head: Head | undefined): Head | undefined {
    return head && (this.#clean(head, "head") as Head);
  }

  #clean(value: unknown, ...path: readonly (string | number)[]): unknown {
    return scrub(toPlain(value), environmentSecrets(), this.#redact, path);
  }

  /** An error the provider answered with; `undefined` for any other, which is not for a tape. */
  error(error: unknown): TapedError | undefined {
    const { kind, status } = classify(error);
    if (status === undefined || status < 400 || kind === "unknown" || kind === "malformed") return undefined;
    const { message, headers } = error as { readonly message?: unknown; readonly headers?: unknown };
    const said = typeof message === "string" ? message.replace(new RegExp(`^${status} `), "") : "";
    return {
      kind,
      status,
      message: this.#clean(said, "error", "message") as string,
      headers: headersOf(headers, classify(error).retryAfterMs),
    };
  }
}

// Through JSON, so that what is recorded is what will be read.
function toPlain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(encodeBytes(value))) as unknown;
}

/** Of the headers those that are told of any answer, and how long to wait, wherever the SDK says it. */
function headersOf(headers: unknown, retryAfterMs: number | undefined): Readonly<Record<string, string>> {
  const plain = headers instanceof Headers ? Object.fromEntries(headers) : headers;
  const told = typeof plain === "object" && plain !== null ? headOfObject(plain)?.headers : undefined;
  return { ...told, ...(retryAfterMs !== undefined && { "retry-after": String(retryAfterMs / 1000) }) };
}

interface Leaf {
  readonly text: string;
  set(text: string): void;
}

/** The texts of an event by the place where they stand. */
function collectTexts(node: unknown, path: string, places: Map<string, Leaf[]>): void {
  if (typeof node !== "object" || node === null) return;
  for (const [key, item] of Object.entries(node)) {
    const place = `${path}/${key}`;
    if (typeof item !== "string") collectTexts(item, place, places);
    else if (key !== "$bytes") {
      const leaves = places.get(place) ?? [];
      places.set(place, leaves);
      leaves.push({ text: item, set: (text) => Reflect.set(node, key, text) });
    }
  }
}
