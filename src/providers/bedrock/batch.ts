import type {
  BedrockClient,
  GetModelInvocationJobCommandOutput,
  ModelInvocationJobStatus,
} from "@aws-sdk/client-bedrock";
import type {
  BedrockRuntimeClient,
  ConverseCommandOutput,
  ConverseStreamCommandInput,
} from "@aws-sdk/client-bedrock-runtime";
import type { S3Client } from "@aws-sdk/client-s3";
import type {
  Batch,
  BatchAnswer,
  BatchOutcome,
  BatchRequest,
  BatchSending,
  BatchService,
  BatchSettings,
  LostBatch,
} from "../../contract/batch.ts";
import { checkClient, missingSdk } from "../../contract/sdk.ts";
import { clockSkew } from "../../dialects/batch-lines.ts";
import { ConfigError } from "../../errors/errors.ts";
import { toBase64 } from "../../json/base64.ts";
import { readLines } from "../../json/lines.ts";
import { utf8Length } from "../../json/utf8-length.ts";
import { loadBedrock, revive } from "./send.ts";

/** Bedrock's model invocation jobs. https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference.html */
export const batch: Batch<ConverseStreamCommandInput, ConverseCommandOutput> = {
  // https://docs.aws.amazon.com/general/latest/gr/bedrock.html: records and gigabytes of one input file.
  limits: { requests: 50_000, bytes: 1_000_000_000, fewest: 100 },
  needs: ["role", "bucket"],
  async open(client, settings) {
    return serviceOf(await clientsOf(client as BedrockRuntimeClient, settings), placeOf(settings));
  },
};

type Place = { readonly role: string; readonly bucket: string; readonly folder: string };
type Clients = Awaited<ReturnType<typeof clientsOf>>;

function placeOf({ role, bucket: given }: BatchSettings): Place {
  if (!role || !given) {
    throw new ConfigError(
      "A batch on Bedrock needs `role` (the ARN by which the service reads and writes the bucket) and `bucket` (where requests and results lie).",
    );
  }
  const [bucket = "", ...folders] = given
    .replace(/^s3:\/\//, "")
    .split("/")
    .filter(Boolean);
  return { role, bucket, folder: [...folders, ""].join("/") };
}

async function clientsOf({ config }: BedrockRuntimeClient, { clients }: BatchSettings) {
  const control = "@aws-sdk/client-bedrock";
  const [jobs, store, runtime] = await Promise.all([
    import("@aws-sdk/client-bedrock").catch(missingSdk(control, "bedrock")),
    import("@aws-sdk/client-s3").catch(missingSdk("@aws-sdk/client-s3", "bedrock")),
    loadBedrock(),
  ]);
  const own = { region: config.region, credentials: config.credentials };
  const { bedrock = new jobs.BedrockClient(own), s3 = new store.S3Client(own) } = clients ?? {};
  checkClient("bedrock", bedrock, ["send"], "a BedrockClient in `clients.bedrock`");
  checkClient("bedrock", s3, ["send"], "an S3Client in `clients.s3`");
  return { jobs, store, runtime, bedrock: bedrock as BedrockClient, s3: s3 as S3Client };
}

function serviceOf(
  clients: Clients,
  { role, bucket, folder }: Place,
): BatchService<ConverseStreamCommandInput, ConverseCommandOutput> {
  const { jobs, store, bedrock, s3 } = clients;
  const sending = ({ signal }: BatchSending) => (signal === undefined ? {} : { abortSignal: signal });
  const job = (id: string, how: BatchSending) =>
    bedrock.send(new jobs.GetModelInvocationJobCommand({ jobIdentifier: id }), sending(how));
  return {
    bytesOf: (request) => utf8Length(toLine(checked(request))),
    async submit(requests, name, how) {
      const key = `${folder}${name}/requests.jsonl`;
      const Body = requests.map(toLine).join("");
      await s3.send(new store.PutObjectCommand({ Bucket: bucket, Key: key, Body }), sending(how));
      const created = await bedrock.send(
        new jobs.CreateModelInvocationJobCommand({
          jobName: name,
          // The same token never makes a second job.
          clientRequestToken: name,
          roleArn: role,
          modelId: requests[0]?.request.modelId,
          modelInvocationType: "Converse",
          inputDataConfig: { s3InputDataConfig: { s3InputFormat: "JSONL", s3Uri: `s3://${bucket}/${key}` } },
          outputDataConfig: { s3OutputDataConfig: { s3Uri: `s3://${bucket}/${folder}${name}/` } },
        }),
        sending(how),
      );
      return created.jobArn as string;
    },
    find: (lost, how) => findNamed(clients, lost, sending(how)),
    async state(id, how) {
      const { status, message, processedRecordCount: done } = await job(id, how);
      return { outcome: status && outcomes.get(status), status, done, ...(message !== undefined && { message }) };
    },
    async *results(id, _, how) {
      const { Bucket, results: Key } = placesOf(id, await job(id, how));
      const { Body } = await s3.send(new store.GetObjectCommand({ Bucket, Key }), sending(how));
      if (Body === undefined) return;
      for await (const line of readLines(Body.transformToWebStream() as ReadableStream<Uint8Array>)) {
        const answer = toAnswer(line as ResultLine, clients);
        if (answer !== undefined) yield answer;
      }
    },
    async cancel(id, how) {
      await bedrock.send(new jobs.StopModelInvocationJobCommand({ jobIdentifier: id }), sending(how));
    },
    async deleteFiles(id, how) {
      const { Bucket, requests, results, manifest } = placesOf(id, await job(id, how));
      await Promise.allSettled(
        [requests, results, manifest].map((Key) =>
          s3.send(new store.DeleteObjectCommand({ Bucket, Key }), sending(how)),
        ),
      );
    },
  };
}

/** Where the files of a job lie: https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-results.html */
function placesOf(id: string, { outputDataConfig }: GetModelInvocationJobCommandOutput) {
  const uri = new URL(outputDataConfig?.s3OutputDataConfig?.s3Uri as string);
  const folder = uri.pathname.slice(1);
  const own = `${folder}${id.split("/").at(-1)}/`;
  return {
    Bucket: uri.host,
    requests: `${folder}requests.jsonl`,
    results: `${own}requests.jsonl.out`,
    manifest: `${own}manifest.json.out`,
  };
}

// https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-data.html: no tools in Converse's form.
function checked(request: BatchRequest<ConverseStreamCommandInput>): BatchRequest<ConverseStreamCommandInput> {
  if (request.request.toolConfig === undefined) return request;
  throw new ConfigError(
    'Bedrock takes no tools in a batch: ask for a response model by `jsonMode: true` or `jsonMode: "schema"`, or use map().',
  );
}

function toLine({ id, request: { modelId: _, ...modelInput } }: BatchRequest<ConverseStreamCommandInput>): string {
  return `${JSON.stringify({ recordId: id, modelInput: withText(modelInput) })}\n`;
}

// Bytes are base64 on the wire.
function withText(value: unknown): unknown {
  if (value instanceof Uint8Array) return toBase64(value);
  if (Array.isArray(value)) return value.map(withText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withText(item)]));
}

const outcomes: ReadonlyMap<ModelInvocationJobStatus, BatchOutcome> = new Map<ModelInvocationJobStatus, BatchOutcome>([
  ["Completed", "completed"],
  ["PartiallyCompleted", "expired"],
  ["Failed", "failed"],
  ["Expired", "expired"],
  ["Stopped", "cancelled"],
]);

async function findNamed({ jobs, bedrock }: Clients, { name, since }: LostBatch, options: object) {
  const found: { id: string; created: number | undefined; sure: boolean }[] = [];
  const query = { nameContains: name, submitTimeAfter: new Date(since - clockSkew) };
  let nextToken: string | undefined;
  do {
    const page = await bedrock.send(new jobs.ListModelInvocationJobsCommand({ ...query, nextToken }), options);
    for (const { jobArn: id, jobName, submitTime } of page.invocationJobSummaries ?? []) {
      if (id !== undefined && jobName === name) found.push({ id, created: submitTime?.getTime(), sure: true });
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

interface ResultLine {
  readonly recordId?: string;
  readonly modelOutput?: object;
  readonly error?: { readonly errorCode?: number; readonly errorMessage?: string };
}

function toAnswer(
  { recordId: id, modelOutput, error }: ResultLine,
  { runtime }: Clients,
): BatchAnswer<ConverseCommandOutput> | undefined {
  if (id === undefined) return undefined;
  if (modelOutput !== undefined && error === undefined) {
    return { id, response: { ...(revive(modelOutput) as ConverseCommandOutput), $metadata: {} } };
  }
  const { errorCode: httpStatusCode = 500, errorMessage = "" } = error ?? {};
  const $fault = httpStatusCode < 500 ? "client" : "server";
  const name = names[httpStatusCode] ?? "InternalServerException";
  const options = { name, $fault, message: errorMessage, $metadata: { httpStatusCode } } as const;
  return { id, error: new runtime.BedrockRuntimeServiceException(options) };
}

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
const names: Readonly<Record<number, string>> = {
  400: "ValidationException",
  403: "AccessDeniedException",
  404: "ResourceNotFoundException",
  408: "ModelTimeoutException",
  424: "ModelErrorException",
  429: "ThrottlingException",
  503: "ServiceUnavailableException",
};
