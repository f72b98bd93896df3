import type {
  BatchAnswer,
  BatchCandidate,
  BatchLimits,
  BatchOutcome,
  BatchRequest,
  BatchState,
  LostBatch,
} from "../contract/batch.ts";
import { BatchError } from "../errors/batch-error.ts";
import { isRefused } from "../errors/refused.ts";
import { readLines } from "../json/lines.ts";
import { utf8Length } from "../json/utf8-length.ts";

// The wire of OpenAI's batches, which Azure OpenAI and Groq speak, too: requests and results are files of JSON Lines.
// https://developers.openai.com/api/docs/guides/batch

/** At most 50,000 requests and 200 MB in one file. */
export const lineLimits: BatchLimits = { requests: 50_000, bytes: 200_000_000 };

/** The name of the metadata by which a batch is found again. */
export const nameKey = "callscope";

/** One line of the file of requests. */
export function toLine({ id, request }: BatchRequest<object>, url: string): string {
  return `${JSON.stringify({ custom_id: id, method: "POST", url, body: request })}\n`;
}

/** The bytes of the same. */
export function lineBytes(request: BatchRequest<object>, url: string): number {
  return utf8Length(toLine(request, url));
}

/** The file of requests. */
export function toFile(requests: readonly BatchRequest<object>[], url: string, name: string): File {
  return new File(
    requests.map((request) => toLine(request, url)),
    `${name}.jsonl`,
    { type: "application/jsonl" },
  );
}

/** What is read of a batch: OpenAI's and Groq's satisfy it. */
export interface LineBatch {
  readonly id: string;
  readonly status: string;
  readonly created_at: number;
  readonly metadata?: unknown;
  readonly errors?: { readonly data?: readonly { readonly message?: string; readonly code?: string }[] };
  readonly request_counts?: { readonly total: number; readonly completed: number; readonly failed: number };
  readonly input_file_id?: string | null;
  readonly output_file_id?: string | null;
  readonly error_file_id?: string | null;
}

const outcomes: ReadonlyMap<string, BatchOutcome> = new Map(
  (["completed", "failed", "expired", "cancelled"] as const).map((status) => [status, status]),
);

// An account has so many tokens of batches at work: https://developers.openai.com/api/docs/guides/batch#rate-limits
const queueIsFull = "token_limit_exceeded";

/** How far it is. */
export function lineState({ status, errors, request_counts: counts }: LineBatch): BatchState {
  const outcome = outcomes.get(status);
  const said = errors?.data?.map(({ code, message }) => message ?? code).filter((text) => text !== undefined);
  const putOff = outcome === "failed" && errors?.data?.some(({ code }) => code === queueIsFull);
  return {
    ...{ outcome, status },
    ...(counts && { done: counts.completed + counts.failed }),
    ...(said?.length && { message: said.join(" ") }),
    ...(putOff && { putOff }),
  };
}

/** Makes a batch of a file, which is deleted where the service refuses the batch. */
export async function handIn(make: () => Promise<string>, deleteFile: () => Promise<unknown>): Promise<string> {
  try {
    return await make();
  } catch (error) {
    if (isRefused(error)) await deleteFile().catch(() => {});
    throw error;
  }
}

/** The files of a batch: of its requests, and of its results. */
export function filesOf({ input_file_id, output_file_id, error_file_id }: LineBatch): string[] {
  return [input_file_id, output_file_id, error_file_id].filter(
    (file) => typeof file === "string" && file !== "",
  ) as string[];
}

/**
 * The batches that have the name of the lost one, and those without any metadata that are of its size: a service that does not
 * give it back would hide the lost one. Newest first, as they are listed: looking ends before the submission.
 */
export async function findNamed(
  batches: AsyncIterable<LineBatch> | Iterable<LineBatch>,
  { name, since, ids }: LostBatch,
): Promise<(BatchCandidate & { sure: boolean })[]> {
  const found: (BatchCandidate & { sure: boolean })[] = [];
  for await (const { id, created_at, metadata, request_counts } of batches) {
    if (created_at * 1000 < since - clockSkew) break;
    const requests = request_counts?.total;
    const told = Object.entries(metadata ?? {});
    const sure = told.some(([key, value]) => key === nameKey && value === name);
    // The count is 0 for as long as the file is being looked at.
    const isLike = told.length === 0 && (!requests || requests === ids.length);
    if (sure || isLike) found.push({ id, created: created_at * 1000, requests, sure });
  }
  return found;
}

/** How far a service's clock may be from ours, in milliseconds. */
export const clockSkew = 15 * 60_000;

/** What is read of a line of results. */
interface ResultLine {
  readonly custom_id?: unknown;
  readonly response?: { readonly status_code: number; readonly body: unknown; readonly request_id?: string } | null;
  readonly error?: { readonly code?: string; readonly message?: string } | null;
}

/** Makes the SDK's own error of what a failed request was answered with. */
export type ToError = (status: number, body: unknown, requestId: string | undefined) => unknown;

/** The results in the files of a batch. */
export async function* readResults<Response>(
  batch: LineBatch,
  content: (file: string) => Promise<{ readonly body: ReadableStream<Uint8Array> | null }>,
  toError: ToError,
): AsyncGenerator<BatchAnswer<Response>> {
  for (const file of [batch.output_file_id, batch.error_file_id]) {
    if (!file) continue;
    const { body } = await content(file);
    if (body === null) continue;
    for await (const line of readLines(body)) {
      const answer = readResult<Response>(line as ResultLine, batch.id, toError);
      if (answer !== undefined) yield answer;
    }
  }
}

/** One line; `undefined` for one that belongs to no request. */
export function readResult<Response>(
  { custom_id: id, response, error }: ResultLine,
  batch: string,
  toError: ToError,
): BatchAnswer<Response> | undefined {
  if (typeof id !== "string") return undefined;
  if (response && response.status_code < 400) return { id, response: response.body as Response };
  if (response) return { id, error: toError(response.status_code, response.body, response.request_id) };
  const fault =
    error?.code === "batch_expired" ? "expired" : error?.code === "batch_cancelled" ? "cancelled" : "failed";
  return { id, error: new BatchError(fault, batch, error?.message) };
}
