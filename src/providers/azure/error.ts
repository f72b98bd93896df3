import type { RestResponse } from "./rest-types.ts";

/**
 * What the Azure AI Inference REST client gives as a value where other SDKs throw: an answer that is no success, or an
 * error in the midst of a stream. `message` never holds the key of the request, even where the service repeats it.
 */
export class AzureInferenceError extends Error {
  override readonly name = "AzureInferenceError";
  /** The HTTP status; `undefined` for an error inside a stream. */
  readonly status: number | undefined;
  /** The service's own code: the header `x-ms-error-code`, else the one in the body. */
  readonly code: string | undefined;
  /** Lower-case names. */
  declare readonly headers: Readonly<Record<string, string>>;
  /** The body: parsed JSON, or text. */
  declare readonly body: unknown;

  constructor(response: Omit<RestResponse, "status">, body: unknown, status?: number) {
    const told = errorIn(body);
    super([status, redacted(told.message ?? summaryOf(body), response)].filter(Boolean).join(" "));
    this.status = status;
    this.code = response.headers["x-ms-error-code"] ?? told.code;
    // Not enumerable: a log of the error is not to carry what a foreign server wrote.
    Object.defineProperty(this, "headers", { value: response.headers });
    Object.defineProperty(this, "body", { value: body });
  }
}

function errorIn(body: unknown): { message?: string; code?: string } {
  const error = typeof body === "object" && body !== null ? (body as { error?: unknown }).error : undefined;
  if (typeof error === "string") return { message: error };
  const { message, code } = (error ?? {}) as { message?: unknown; code?: unknown };
  return {
    ...(typeof message === "string" && { message }),
    ...((typeof code === "string" || typeof code === "number") && { code: String(code) }),
  };
}

function summaryOf(body: unknown): string {
  if (body === undefined || body === "") return "without a body";
  return typeof body === "string" ? "with a body that is not JSON" : "with a body that names no error";
}

function redacted(text: string, { request }: Omit<RestResponse, "status">): string {
  let clean = text;
  for (const name of ["api-key", "authorization"]) {
    const secret = request?.headers?.get(name)?.replace("Bearer ", "");
    if (secret) clean = clean.replaceAll(secret, "[key]");
  }
  return clean;
}
