import type Anthropic from "@anthropic-ai/sdk";
import type { Batch, BatchAnswer, BatchService, LostBatch } from "../../contract/batch.ts";
import { missingSdk, staysHere } from "../../contract/sdk.ts";
import { BatchError } from "../../errors/batch-error.ts";
import { ConfigError } from "../../errors/errors.ts";
import { utf8Length } from "../../json/utf8-length.ts";

type Batches = Anthropic.Messages["batches"];
type Listed = Anthropic.Messages.MessageBatch;
type Line = Anthropic.Messages.MessageBatchIndividualResponse;

/** Anthropic's message batches. https://platform.claude.com/docs/en/build-with-claude/batch-processing */
export const batch: Batch<Anthropic.MessageCreateParams, Anthropic.Message> = {
  limits: { requests: 100_000, bytes: 256_000_000 },
  async open(given) {
    const { batches } = (given as { readonly messages: { readonly batches?: Batches } }).messages;
    if (typeof batches?.create !== "function") {
      throw new ConfigError(
        "The client of callscope/anthropic has no batches: give an Anthropic instance (not one for Bedrock or Vertex), or use map().",
      );
    }
    const { APIError } = await import("@anthropic-ai/sdk").catch(missingSdk("@anthropic-ai/sdk", "anthropic"));
    return serviceOf(batches, APIError);
  },
};

function serviceOf(
  batches: Batches,
  errors: typeof import("@anthropic-ai/sdk").APIError,
): BatchService<Anthropic.MessageCreateParams, Anthropic.Message> {
  const options = (signal: AbortSignal | undefined) => ({ ...staysHere, ...(signal && { signal }) });
  return {
    bytesOf: ({ id, request }) => utf8Length(JSON.stringify({ custom_id: id, params: request })) + 1,
    async submit(requests, _, { signal }) {
      const body = requests.map(({ id, request }) => ({
        custom_id: id,
        params: request as Anthropic.MessageCreateParamsNonStreaming,
      }));
      // One that timed out may have been taken: it is looked for, not sent again.
      return (await batches.create({ requests: body }, { ...options(signal), maxRetries: 0 })).id;
    },
    find: (lost, { signal }) => findLike(batches, lost, options(signal)),
    async state(id, { signal }) {
      const found = await batches.retrieve(id, {}, options(signal));
      const { processing_status: status, request_counts: counts } = found;
      // How it ended, each request tells.
      return { outcome: status === "ended" ? "completed" : undefined, status, done: sizeOf(found) - counts.processing };
    },
    async *results(id, _, { signal }) {
      for await (const line of await batches.results(id, {}, options(signal))) yield toAnswer(line, id, errors);
    },
    async cancel(id, { signal }) {
      await batches.cancel(id, {}, options(signal));
    },
  };
}

/**
 * A batch has neither a name nor metadata: those of the same time and size are looked at. One that has ended shows its
 * requests' ids, one that is at work shows nothing.
 */
async function findLike(batches: Batches, { since, ids }: LostBatch, options: object) {
  const found: { id: string; created: number; requests: number; sure: boolean }[] = [];
  for await (const one of batches.list({ limit: 100 }, options)) {
    const created = Date.parse(one.created_at);
    if (created < since - clockSkew) break;
    const requests = sizeOf(one);
    if (requests !== ids.length) continue;
    const isOurs = one.processing_status === "ended" ? await holds(batches, one.id, ids, options) : undefined;
    if (isOurs !== false) found.push({ id: one.id, created, requests, sure: isOurs === true });
  }
  return found;
}

// Milliseconds between two machines' clocks.
const clockSkew = 60_000;

function sizeOf({ request_counts: counts }: Listed): number {
  return counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired;
}

async function holds(batches: Batches, id: string, ids: readonly string[], options: object): Promise<boolean> {
  for await (const { custom_id } of await batches.results(id, {}, options)) return ids.includes(custom_id);
  return false;
}

function toAnswer(
  { custom_id: id, result }: Line,
  batchId: string,
  errors: typeof import("@anthropic-ai/sdk").APIError,
): BatchAnswer<Anthropic.Message> {
  switch (result.type) {
    case "succeeded":
      return { id, response: result.message };
    case "errored": {
      const { error } = result.error;
      return { id, error: errors.generate(statuses[error.type], result.error, undefined, new Headers()) };
    }
    case "expired":
      return { id, error: new BatchError("expired", batchId) };
    case "canceled":
      return { id, error: new BatchError("cancelled", batchId) };
  }
}

// A result has no status of its own: https://platform.claude.com/docs/en/api/errors
const statuses: Readonly<Record<Anthropic.Messages.MessageBatchErroredResult["error"]["error"]["type"], number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};
