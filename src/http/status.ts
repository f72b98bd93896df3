import { classify, type ErrorKind } from "../errors/classify.ts";
import { isCallscopeError } from "../errors/errors.ts";
import { isPosted } from "./posted.ts";

/** Headers in any form that `Headers` takes. */
export type HeadersGiven = ConstructorParameters<typeof Headers>[0];

/** How a response tells of an error. */
export interface ErrorOptions {
  /** True to show the error's own message, which may hold a provider's inner text. False by default. */
  readonly exposeErrors?: boolean | undefined;
}

// Our key was refused, our account is empty: it is no affair of the visitor's, who only learns that it did not work.
const statuses: Readonly<Partial<Record<ErrorKind, number>>> = {
  rate_limit: 429,
  overloaded: 503,
  timeout: 504,
  content_filter: 422,
  context_overflow: 422,
  config: 500,
  unknown: 500,
};

const ownStatuses: Readonly<Record<string, number>> = { budget: 402, config: 500, prompt: 500, unsupported: 500 };

const sentences: Readonly<Record<number, string>> = {
  400: "What was sent could not be read.",
  402: "The budget is used up.",
  422: "The request cannot be answered.",
  429: "Too many requests: try again later.",
  499: "The request was cancelled.",
  500: "Something went wrong.",
  502: "The model could not be reached.",
  503: "The model is overloaded: try again later.",
  504: "The model did not answer in time.",
};

/** What is told of an error: status, kind and a sentence for whoever reads it. */
export interface Told {
  readonly status: number;
  readonly kind: string;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

/** What a client is told of an error: by `classify`, without a provider's inner text unless asked for. */
export function tell(error: unknown, { exposeErrors = false }: ErrorOptions): Told {
  const { kind, retryAfterMs } = classify(error);
  const status = statusOf(error, kind);
  const own = exposeErrors && error instanceof Error ? error.message : undefined;
  return { status, kind, message: own ?? sentences[status] ?? "Something went wrong.", retryAfterMs };
}

function statusOf(error: unknown, kind: ErrorKind): number {
  if (isPosted(error)) return 400;
  if (isCallscopeError(error)) {
    const own = ownStatuses[error.code];
    if (own !== undefined) return own;
    if (isRefusal(error)) return 422;
  }
  if (kind === "aborted") return 499;
  if (kind === "unknown") return (error as { status?: unknown } | null)?.status === undefined ? 500 : 502;
  return statuses[kind] ?? 502;
}

function isRefusal(error: object): boolean {
  const { kind, code } = error as { kind?: unknown; code?: unknown };
  return kind === "refused" || code === "refused" || code === "blocked";
}

/** The response for an error that came before anything was sent. */
export function errorResponse(
  error: unknown,
  options: ErrorOptions & { readonly headers?: HeadersGiven | undefined },
): Response {
  const { status, kind, message, retryAfterMs } = tell(error, options);
  const headers = new Headers(options.headers);
  headers.set("content-type", "application/json");
  headers.set("cache-control", "no-store");
  if (retryAfterMs !== undefined && (status === 429 || status === 503)) {
    headers.set("retry-after", String(Math.ceil(retryAfterMs / 1000)));
  }
  return new Response(JSON.stringify({ error: { kind, message } }), { status, headers });
}
