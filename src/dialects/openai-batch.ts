import type OpenAI from "openai";
import type { Batch, BatchRequest, BatchService } from "../contract/batch.ts";
import { missingSdk, staysHere } from "../contract/sdk.ts";
import { ConfigError } from "../errors/errors.ts";
import {
  filesOf,
  findNamed,
  handIn,
  lineBytes,
  lineLimits,
  lineState,
  nameKey,
  readResults,
  toFile,
} from "./batch-lines.ts";

type Endpoint = OpenAI.BatchCreateParams["endpoint"];

/** Batches of OpenAI, and of everybody its SDK reaches, for one of its endpoints. */
export function batchesOf<Request extends object, Response extends object>(
  provider: string,
  endpoint: string,
  revive: (response: Response) => Response = (response) => response,
): Batch<Request, Response> {
  return {
    limits: lineLimits,
    async open(given) {
      const client = given as OpenAI;
      if (typeof client.batches?.create !== "function" || typeof client.files?.create !== "function") {
        throw new ConfigError(
          `The client of callscope/${provider} has no batches: give an OpenAI or AzureOpenAI instance.`,
        );
      }
      const { APIError } = await import("openai").catch(missingSdk("openai", provider));
      return serviceOf(client, endpoint, revive, APIError);
    },
  };
}

function serviceOf<Request extends object, Response extends object>(
  client: OpenAI,
  endpoint: string,
  revive: (response: Response) => Response,
  { generate }: typeof import("openai").APIError,
): BatchService<Request, Response> {
  const options = (signal: AbortSignal | undefined) => ({ ...staysHere, ...(signal && { signal }) });
  return {
    bytesOf: (request) => lineBytes(request, endpoint),
    async submit(requests: readonly BatchRequest<Request>[], name, { signal }) {
      const file = toFile(requests, endpoint, name);
      const { id } = await client.files.create({ file, purpose: "batch" }, options(signal));
      // Azure's path has no version in it, which the SDK's type does not know.
      const body = { input_file_id: id, endpoint: endpoint as Endpoint, completion_window: "24h" as const };
      // One that timed out may have been taken: it is looked for, not sent again.
      const once = { ...options(signal), maxRetries: 0 };
      const make = async () => (await client.batches.create({ ...body, metadata: { [nameKey]: name } }, once)).id;
      return handIn(make, () => client.files.delete(id, options(signal)));
    },
    find: (lost, { signal }) => findNamed(client.batches.list({ limit: 100 }, options(signal)), lost),
    state: async (id, { signal }) => lineState(await client.batches.retrieve(id, options(signal))),
    async *results(id, _, { signal }) {
      const batch = await client.batches.retrieve(id, options(signal));
      const content = (file: string) => client.files.content(file, options(signal));
      const toError = (status: number, body: unknown, requestId: string | undefined) =>
        generate(
          status,
          body as object,
          undefined,
          new Headers(requestId === undefined ? {} : { "x-request-id": requestId }),
        );
      for await (const answer of readResults<Response>(batch, content, toError)) {
        yield answer.response === undefined ? answer : { ...answer, response: revive(answer.response) };
      }
    },
    async cancel(id, { signal }) {
      await client.batches.cancel(id, options(signal));
    },
    async deleteFiles(id, { signal }) {
      const files = filesOf(await client.batches.retrieve(id, options(signal)));
      await Promise.allSettled(files.map((file) => client.files.delete(file, options(signal))));
    },
  };
}
