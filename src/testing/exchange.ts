import type { Head } from "../contract/head.ts";
import type { ErrorKind } from "../errors/error-words.ts";

/** A request as it stands on a tape. */
export interface TapedRequest {
  readonly provider: string;
  readonly model: string;
  readonly stream: boolean;
  readonly request: unknown;
}

/** A failure as it stands on a tape: what an error of the same class is made of. */
export interface TapedError {
  readonly kind: ErrorKind;
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How what was recorded ended. */
export type TapedEnd =
  | { readonly type: "response"; readonly response: unknown; readonly id?: string | undefined }
  | { readonly type: "end" }
  /** The caller left the stream before its end. */
  | { readonly type: "left" }
  | { readonly type: "error"; readonly error: TapedError };

/** One request and what came of it, all in the form of JSON. */
export interface Exchange extends TapedRequest {
  /** Its place in the order in which requests were begun. */
  readonly number: number;
  readonly head: Head | undefined;
  readonly events: readonly unknown[];
  readonly end: TapedEnd;
}

/** What names a request: the same text for the same request, whatever the order of its keys. */
export function keyOf({ provider, stream, request }: TapedRequest): string {
  return canonical([provider, stream, request]);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .join()}}`;
}
