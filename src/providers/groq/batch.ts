import type Groq from "groq-sdk";
import type { ChatCompletionCreateParams } from "groq-sdk/resources/chat/completions";
import type { Batch, BatchService } from "../../contract/batch.ts";
import { missingSdk, staysHere } from "../../contract/sdk.ts";
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
} from "../../dialects/batch-lines.ts";
import { ConfigError } from "../../errors/errors.ts";

const endpoint = "/v1/chat/completions";

/** Groq's batches, on OpenAI's wire. https://console.groq.com/docs/batch */
export const batch: Batch<ChatCompletionCreateParams, Groq.Chat.ChatCompletion> = {
  limits: lineLimits,
  async open(given) {
    const client = given as Groq;
    if (typeof client.batches?.create !== "function") {
      throw new ConfigError("The client of callscope/groq has no batches: give a Groq instance.");
    }
    const { APIError } = await import("groq-sdk").catch(missingSdk("groq-sdk", "groq"));
    return serviceOf(client, APIError);
  },
};

function serviceOf(
  client: Groq,
  errors: typeof import("groq-sdk").APIError,
): BatchService<ChatCompletionCreateParams, Groq.Chat.ChatCompletion> {
  const options = (signal: AbortSignal | undefined) => ({ ...staysHere, ...(signal && { signal }) });
  return {
    bytesOf: (request) => lineBytes(request, endpoint),
    async submit(requests, name, { signal }) {
      const file = toFile(requests, endpoint, name);
      const { id } = await client.files.create({ file, purpose: "batch" }, options(signal));
      const body = {
        input_file_id: id as string,
        endpoint,
        completion_window: "24h",
        metadata: { [nameKey]: name },
      } as const;
      // One that timed out may have been taken: it is looked for, not sent again.
      const make = async () => (await client.batches.create(body, { ...options(signal), maxRetries: 0 })).id;
      return handIn(make, () => client.files.delete(id as string, options(signal)));
    },
    async find(lost, { signal }) {
      const { data } = await client.batches.list(options(signal));
      return findNamed(
        data.toSorted((a, b) => b.created_at - a.created_at),
        lost,
      );
    },
    state: async (id, { signal }) => lineState(await client.batches.retrieve(id, options(signal))),
    async *results(id, _, { signal }) {
      const found = await client.batches.retrieve(id, options(signal));
      const content = (file: string) => client.files.content(file, options(signal));
      yield* readResults<Groq.Chat.ChatCompletion>(found, content, (status, body, requestId) => {
        const headers = new Headers(requestId === undefined ? {} : { "x-request-id": requestId });
        return errors.generate(status, body as object, undefined, headers);
      });
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
