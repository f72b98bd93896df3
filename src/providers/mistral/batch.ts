import type { Mistral } from "@mistralai/mistralai";
import type { BatchJob, BatchJobStatus, CreateBatchJobRequest } from "@mistralai/mistralai/models/components/index.js";
import type {
  Batch,
  BatchAnswer,
  BatchOutcome,
  BatchRequest,
  BatchSending,
  BatchService,
  LostBatch,
} from "../../contract/batch.ts";
import { missingSdk } from "../../contract/sdk.ts";
import { clockSkew, handIn, nameKey, readResult } from "../../dialects/batch-lines.ts";
import { ConfigError } from "../../errors/errors.ts";
import { readLines } from "../../json/lines.ts";
import { utf8Length } from "../../json/utf8-length.ts";
import { type OwnClient, toSdkOptions } from "./client.ts";
import type { MistralTypes } from "./types.ts";

type ChatRequest = MistralTypes["Request"];
type ChatResponse = MistralTypes["Response"];

/** Mistral's batch jobs. https://docs.mistral.ai/capabilities/batch/ */
export const batch: Batch<ChatRequest, ChatResponse> = {
  // A file has 512 MB at most; the job's own limit is a million requests.
  limits: { requests: 1_000_000, bytes: 400_000_000 },
  async open(given) {
    const client = "whole" in (given as object) ? await (given as OwnClient).whole() : (given as Mistral);
    if (typeof client.batch?.jobs?.create !== "function" || typeof client.files?.upload !== "function") {
      throw new ConfigError("The client of callscope/mistral has no batches: give a Mistral instance.");
    }
    return serviceOf(client, await loadModels());
  },
};

async function loadModels() {
  const missing = missingSdk("@mistralai/mistralai", "mistral");
  const [components, errors] = await Promise.all([
    import("@mistralai/mistralai/models/components/index.js").catch(missing),
    import("@mistralai/mistralai/models/errors/index.js").catch(missing),
  ]);
  return { ...components, SDKError: errors.SDKError };
}

type Models = Awaited<ReturnType<typeof loadModels>>;

function serviceOf(client: Mistral, models: Models): BatchService<ChatRequest, ChatResponse> {
  const { jobs } = client.batch;
  const options = ({ signal }: BatchSending) => toSdkOptions(client, signal === undefined ? {} : { signal });
  const once = (sending: BatchSending) => ({ ...options(sending), retries: { strategy: "none" } as const });
  return {
    bytesOf: (request) => utf8Length(toLine(request, models)),
    async submit(requests, name, sending) {
      const content = new Blob(requests.map((request) => toLine(request, models)));
      const file = { fileName: `${name}.jsonl`, content };
      const { id } = await client.files.upload({ file, purpose: "batch" }, options(sending));
      const body: CreateBatchJobRequest = {
        inputFiles: [id],
        endpoint: "/v1/chat/completions",
        metadata: { [nameKey]: name },
      };
      const model = requests[0]?.request.model;
      // One that timed out may have been taken: it is looked for, not sent again.
      const make = async () =>
        (await jobs.create({ ...body, ...(model !== undefined && { model }) }, once(sending))).id;
      return handIn(make, () => client.files.delete({ fileId: id }, options(sending)));
    },
    find: (lost, sending) => findNamed(client, lost, options(sending)),
    async state(id, sending) {
      const { status, errors, completedRequests: done } = await jobs.get({ jobId: id }, options(sending));
      const message = errors.map((error) => error.message).join(" ");
      return { outcome: outcomes.get(status), status, done, ...(message !== "" && { message }) };
    },
    async *results(id, _, sending) {
      const job = await jobs.get({ jobId: id }, options(sending));
      for (const fileId of [job.outputFile, job.errorFile]) {
        if (!fileId) continue;
        const body = await client.files.download({ fileId }, options(sending));
        for await (const line of readLines(body)) {
          const answer = toAnswer(line as object, job, models);
          if (answer !== undefined) yield answer;
        }
      }
    },
    async cancel(id, sending) {
      await jobs.cancel({ jobId: id }, options(sending));
    },
    async deleteFiles(id, sending) {
      const { inputFiles, outputFile, errorFile } = await jobs.get({ jobId: id }, options(sending));
      const files = [...inputFiles, outputFile, errorFile].filter((file) => typeof file === "string" && file !== "");
      await Promise.allSettled(
        files.map((fileId) => client.files.delete({ fileId: fileId as string }, options(sending))),
      );
    },
  };
}

// The model is the job's: https://docs.mistral.ai/capabilities/batch/#prepare-your-batch
function toLine({ id, request }: BatchRequest<ChatRequest>, { chatCompletionRequestToJSON }: Models): string {
  const { model: _, stream: __, ...body } = JSON.parse(chatCompletionRequestToJSON(request)) as Record<string, unknown>;
  return `${JSON.stringify({ custom_id: id, body })}\n`;
}

const outcomes: ReadonlyMap<BatchJobStatus, BatchOutcome> = new Map<BatchJobStatus, BatchOutcome>([
  ["SUCCESS", "completed"],
  ["FAILED", "failed"],
  ["TIMEOUT_EXCEEDED", "expired"],
  ["CANCELLED", "cancelled"],
]);

async function findNamed(client: Mistral, { name, since }: LostBatch, options: ReturnType<typeof toSdkOptions>) {
  const found: { id: string; created: number; requests: number; sure: boolean }[] = [];
  const createdAfter = new Date(since - clockSkew);
  for (let page = 0; ; page++) {
    const listed = await client.batch.jobs.list({ page, pageSize: 100, createdAfter, orderBy: "-created" }, options);
    const { data = [] } = listed;
    for (const { id, createdAt, totalRequests: requests, metadata } of data) {
      if (metadata?.[nameKey] === name) found.push({ id, created: createdAt * 1000, requests, sure: true });
    }
    if (data.length < 100) return found;
  }
}

function toAnswer(line: object, job: BatchJob, models: Models): BatchAnswer<ChatResponse> | undefined {
  const read = readResult<unknown>(line, job.id, (status, body) => {
    const text = JSON.stringify(body);
    const response = new Response(text, { status, headers: { "content-type": "application/json" } });
    // The SDK's error wants the request as well, which a batch has none of its own.
    const request = new Request("https://api.mistral.ai/v1/chat/completions", { method: "POST" });
    return new models.SDKError(`API error occurred: Status ${status}`, { response, request, body: text });
  });
  if (read?.response === undefined) return read as BatchAnswer<ChatResponse> | undefined;
  const parsed = models.chatCompletionResponseFromJSON(JSON.stringify(read.response));
  return parsed.ok ? { id: read.id, response: parsed.value } : { id: read.id, error: parsed.error };
}
