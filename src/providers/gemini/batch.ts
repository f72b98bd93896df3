import type {
  ApiError,
  BatchJob,
  GenerateContentParameters,
  GenerateContentResponse,
  GoogleGenAI,
} from "@google/genai";
import type { Batch, BatchAnswer, BatchOutcome, BatchRequest, BatchService, LostBatch } from "../../contract/batch.ts";
import { missingSdk } from "../../contract/sdk.ts";
import { clockSkew } from "../../dialects/batch-lines.ts";
import { reviveGemini } from "../../dialects/gemini-send.ts";
import { BatchError } from "../../errors/batch-error.ts";
import { utf8Length } from "../../json/utf8-length.ts";

/** Gemini's batch mode, with the requests in the body. https://ai.google.dev/gemini-api/docs/batch-mode */
export const batch: Batch<GenerateContentParameters, GenerateContentResponse> = {
  // 20 MB a request with inlined ones, of which the rest of the body is a little.
  limits: { requests: 50_000, bytes: 19_000_000 },
  async open(client) {
    const { ApiError } = await import("@google/genai").catch(missingSdk("@google/genai", "gemini"));
    return serviceOf(client as GoogleGenAI, ApiError);
  },
};

// The metadata by which a result names its request.
const idKey = "key";

function serviceOf(
  { batches }: GoogleGenAI,
  Failure: typeof ApiError,
): BatchService<GenerateContentParameters, GenerateContentResponse> {
  const config = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { config: { abortSignal: signal } });
  return {
    // As the SDK writes it, but for names that are a little shorter on the wire.
    bytesOf: (request) => utf8Length(JSON.stringify(toInlined(request))) + 64,
    async submit(requests, name, { signal }) {
      const model = requests[0]?.request.model ?? "";
      const { name: id } = await batches.create({
        model,
        src: { inlinedRequests: requests.map(toInlined) },
        // The SDK has no retries of its own unless the client asks for them.
        config: { displayName: name, httpOptions: { retryOptions: { attempts: 1 } }, ...config(signal).config },
      });
      return id as string;
    },
    find: async (lost, { signal }) =>
      findNamed(await batches.list({ config: { pageSize: 100, ...config(signal).config } }), lost),
    async state(id, { signal }) {
      const { state, error } = await batches.get({ name: id, ...config(signal) });
      return { outcome: outcomes.get(String(state)), ...(error?.message !== undefined && { message: error.message }) };
    },
    async *results(id, ids, { signal }) {
      const { dest } = await batches.get({ name: id, ...config(signal) });
      const results = dest?.inlinedResponses ?? [];
      for (const [index, { response, error, metadata }] of results.entries()) {
        // They come in the order of the requests, which tells where none is missing; what names its request needs no place.
        const own = metadata?.[idKey] ?? (results.length === ids.length ? ids[index] : undefined);
        if (own === undefined) continue;
        yield await toAnswer(own, response, error, { batch: id, Failure });
      }
    },
    cancel: (id, { signal }) => batches.cancel({ name: id, ...config(signal) }),
  };
}

function toInlined({ id, request: { model: _, contents, config } }: BatchRequest<GenerateContentParameters>) {
  const { httpOptions: __, abortSignal: ___, ...own } = config ?? {};
  return { contents, config: own, metadata: { [idKey]: id } };
}

const outcomes: ReadonlyMap<string, BatchOutcome> = new Map<string, BatchOutcome>([
  ["JOB_STATE_SUCCEEDED", "completed"],
  ["JOB_STATE_PARTIALLY_SUCCEEDED", "completed"],
  ["JOB_STATE_FAILED", "failed"],
  ["JOB_STATE_EXPIRED", "expired"],
  ["JOB_STATE_CANCELLED", "cancelled"],
]);

async function findNamed(jobs: AsyncIterable<BatchJob>, { name, since }: LostBatch) {
  const found: { id: string; created: number | undefined; sure: boolean }[] = [];
  for await (const { name: id, displayName, createTime } of jobs) {
    const created = createTime === undefined ? undefined : Date.parse(createTime);
    // The newest are listed first.
    if (created !== undefined && created < since - clockSkew) break;
    if (id !== undefined && displayName === name) found.push({ id, created, sure: true });
  }
  return found;
}

async function toAnswer(
  id: string,
  response: GenerateContentResponse | undefined,
  error: { readonly code?: number; readonly message?: string } | undefined,
  { batch, Failure }: { readonly batch: string; readonly Failure: typeof ApiError },
): Promise<BatchAnswer<GenerateContentResponse>> {
  if (response !== undefined) return { id, response: await reviveGemini(response) };
  if (error === undefined) return { id, error: new BatchError("missing", batch) };
  const { code = 2, message = "" } = error;
  const status = statuses[code] ?? (code >= 400 ? code : 500);
  return { id, error: new Failure({ message: JSON.stringify({ error: { code: status, message } }), status }) };
}

// The code of a result is one of gRPC: https://grpc.io/docs/guides/status-codes/
const statuses: Readonly<Record<number, number>> = {
  1: 499,
  3: 400,
  4: 504,
  5: 404,
  7: 403,
  8: 429,
  9: 400,
  11: 400,
  12: 501,
  13: 500,
  14: 503,
  16: 401,
};
