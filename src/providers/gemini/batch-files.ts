import type { BatchJob, GenerateContentParameters, GoogleGenAI, InlinedRequest, InlinedResponse } from "@google/genai";
import type { BatchRequest } from "../../contract/batch.ts";
import { missingSdk } from "../../contract/sdk.ts";
import { ConfigError } from "../../errors/errors.ts";
import { readLines } from "../../json/lines.ts";

// Batches whose requests and results lie in files of JSON Lines. https://ai.google.dev/gemini-api/docs/batch-api#input-file

/** The metadata by which a result names its request. */
export const idKey = "key";

/** A request as one of a batch, in the SDK's form. */
export function toInlined({
  id,
  request: { model: _, contents, config },
}: BatchRequest<GenerateContentParameters>): InlinedRequest {
  const { httpOptions: __, abortSignal: ___, ...own } = config ?? {};
  return { contents, config: own, metadata: { [idKey]: id } };
}

/** One line of results; the error is one of gRPC. */
interface ResultLine {
  readonly key?: string;
  readonly response?: object;
  readonly error?: object;
}

/** The name of the file of requests: the service takes 40 characters, of which the batch's own has too many. */
export function fileOf(name: string): string {
  return `files/${name.replace(/^callscope-/, "")}`;
}

/** Uploads the requests and gives the name of their file. */
export async function uploadRequests(
  client: GoogleGenAI,
  requests: readonly BatchRequest<GenerateContentParameters>[],
  name: string,
  signal: { readonly abortSignal?: AbortSignal },
): Promise<string> {
  const lines: string[] = [];
  for (let from = 0; from < requests.length; from += atOnce) {
    lines.push(...(await toLines(requests.slice(from, from + atOnce))));
  }
  const config = { name: fileOf(name), displayName: name, mimeType: "jsonl", ...signal };
  return (await client.files.upload({ file: new Blob(lines), config })).name as string;
}

// Requests or results that are translated at once.
const atOnce = 100;

async function toLines(requests: readonly BatchRequest<GenerateContentParameters>[]): Promise<string[]> {
  let sent = "";
  const batches = await batchesOver(async ({ body }) => {
    sent = body ?? "";
    return {};
  });
  await batches.create({ model: requests[0]?.request.model ?? "", src: { inlinedRequests: requests.map(toInlined) } });
  const { batch } = JSON.parse(sent) as {
    batch: { inputConfig: { requests: { requests: { request: object; metadata: Record<string, string> }[] } } };
  };
  return batch.inputConfig.requests.requests.map(({ request, metadata }) => {
    return `${JSON.stringify({ key: metadata[idKey], request })}\n`;
  });
}

/** The results in a file, in the SDK's form. */
export async function* readResponses(client: GoogleGenAI, file: string, signal: AbortSignal | undefined) {
  let some: InlinedResponse[] = [];
  for await (const line of readLines(await contentOf(client, file, signal))) {
    const { key, response, error } = line as ResultLine;
    some.push({
      ...(response && { response }),
      ...(error && { error }),
      metadata: { [idKey]: key },
    } as InlinedResponse);
    if (some.length < atOnce) continue;
    yield* await toSdk(some);
    some = [];
  }
  yield* await toSdk(some);
}

async function toSdk(inlinedResponses: readonly InlinedResponse[]): Promise<readonly InlinedResponse[]> {
  const name = "batches/0";
  const batches = await batchesOver(async () => ({
    name,
    metadata: { output: { inlinedResponses: { inlinedResponses } } },
  }));
  return (await batches.get({ name })).dest?.inlinedResponses ?? [];
}

/**
 * The SDK's own batches over something else than HTTP: it has its wire's names for requests and results only there, and not
 * for those in files.
 */
async function batchesOver(send: (request: { readonly body?: string }) => Promise<object>) {
  const { Batches } = await import("@google/genai").catch(missingSdk("@google/genai", "gemini"));
  const transport = {
    isVertexAI: () => false,
    async request(request: { readonly body?: string }) {
      const answer = await send(request);
      return { json: async () => answer };
    },
  };
  // Its parameter's class is not exported; of it no more is asked.
  return new Batches(transport as unknown as ConstructorParameters<typeof Batches>[0]);
}

type Transport = {
  request?(request: object): Promise<{ readonly responseInternal: Response }>;
};

// `files.download` writes to a disk, and lets an error in the middle of a body go uncaught:
// https://github.com/googleapis/js-genai/blob/main/src/node/_node_downloader.ts
async function contentOf(
  client: GoogleGenAI,
  file: string,
  abortSignal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array>> {
  // A protected member of the SDK's class, https://github.com/googleapis/js-genai/blob/main/src/client.ts
  const { apiClient } = client as unknown as { apiClient?: Transport };
  const { responseInternal } =
    (await apiClient?.request?.({
      path: `${file}:download`,
      httpMethod: "GET",
      queryParams: { alt: "media" },
      ...(abortSignal && { abortSignal }),
    })) ?? {};
  if (responseInternal?.body) return responseInternal.body;
  throw new ConfigError("This version of @google/genai gives no access to the file of results: use 3.1.0.");
}

/** The files of a batch: of its requests, and of its results. */
export function filesOf({ displayName, dest }: BatchJob): string[] {
  return dest?.fileName === undefined ? [] : [fileOf(displayName ?? ""), dest.fileName];
}
