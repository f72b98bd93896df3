import type {
  ApiError,
  BatchJob,
  BatchJobSource,
  GenerateContentParameters,
  GenerateContentResponse,
  GoogleGenAI,
} from "@google/genai";
import type { Batch, BatchAnswer, BatchOutcome, BatchRequest, BatchService, LostBatch } from "../../contract/batch.ts";
import { missingSdk } from "../../contract/sdk.ts";
import { clockSkew, handIn } from "../../dialects/batch-lines.ts";
import { reviveGemini } from "../../dialects/gemini-send.ts";
import { BatchError } from "../../errors/batch-error.ts";
import { utf8Length } from "../../json/utf8-length.ts";
import { filesOf, idKey, readResponses, toInlined, uploadRequests } from "./batch-files.ts";

// 20 MB a request with inlined ones, of which the rest of the body is a little.
const inlineMost = 19_000_000;

/**
 * Gemini's batch mode: the requests in the body, or in a file where they are too many for that.
 * https://ai.google.dev/gemini-api/docs/batch-api
 */
export const batch: Batch<GenerateContentParameters, GenerateContentResponse> = {
  // A file has 2 GB at most; so much of it is held in memory here.
  limits: { requests: 50_000, bytes: 200_000_000 },
  async open(client) {
    const { ApiError } = await import("@google/genai").catch(missingSdk("@google/genai", "gemini"));
    return serviceOf(client as GoogleGenAI, ApiError);
  },
};

function serviceOf(
  client: GoogleGenAI,
  Failure: typeof ApiError,
): BatchService<GenerateContentParameters, GenerateContentResponse> {
  const { batches, files } = client;
  const abort = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { abortSignal: signal });
  const config = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { config: { abortSignal: signal } });
  return {
    bytesOf,
    async submit(requests, name, { signal }) {
      const model = requests[0]?.request.model ?? "";
      // The SDK has no retries of its own unless the client asks for them.
      const how = { displayName: name, httpOptions: { retryOptions: { attempts: 1 } }, ...abort(signal) };
      const make = async (src: BatchJobSource) => (await batches.create({ model, src, config: how })).name as string;
      if (requests.reduce((sum, request) => sum + bytesOf(request), 0) <= inlineMost) {
        return make({ inlinedRequests: requests.map(toInlined) });
      }
      const fileName = await uploadRequests(client, requests, name, abort(signal));
      return handIn(
        () => make({ fileName }),
        () => files.delete({ name: fileName }),
      );
    },
    find: async (lost, { signal }) =>
      findNamed(await batches.list({ config: { pageSize: 100, ...abort(signal) } }), lost),
    async state(id, { signal }) {
      const { state, error } = await batches.get({ name: id, ...config(signal) });
      const status = state && String(state);
      return {
        outcome: outcomes.get(status ?? ""),
        status,
        ...(error?.message !== undefined && { message: error.message }),
      };
    },
    async *results(id, ids, { signal }) {
      const { dest } = await batches.get({ name: id, ...config(signal) });
      const inlined = dest?.inlinedResponses ?? [];
      const results = dest?.fileName === undefined ? inlined : readResponses(client, dest.fileName, signal);
      let index = 0;
      for await (const { response, error, metadata } of results) {
        // They come in the order of the requests, which tells where none is missing; what names its request needs no place.
        const own = metadata?.[idKey] ?? (inlined.length === ids.length ? ids[index] : undefined);
        index++;
        if (own === undefined) continue;
        yield await toAnswer(own, response, error, { batch: id, Failure });
      }
    },
    cancel: (id, { signal }) => batches.cancel({ name: id, ...config(signal) }),
    async deleteFiles(id, { signal }) {
      const names = filesOf(await batches.get({ name: id, ...config(signal) }));
      await Promise.allSettled(names.map((name) => files.delete({ name, ...config(signal) })));
    },
  };
}

/** As the SDK writes it, but for names that are a little shorter on the wire. */
function bytesOf(request: BatchRequest<GenerateContentParameters>): number {
  return utf8Length(JSON.stringify(toInlined(request))) + 64;
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
