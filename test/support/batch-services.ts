import { type LoopbackServer, startServer } from "./server.ts";

// Batch services written by hand from the types of their SDKs, for no recording of a batch exists:
// @anthropic-ai/sdk resources/messages/batches.d.ts, @google/genai dist/genai.d.ts (and what its `batchJobFromMldev` reads),
// @mistralai/mistralai models/components/batchjob.d.ts, @aws-sdk/client-bedrock models_1.d.ts with S3 in its path style.

/** One service: what was handed in, and how it looks. */
export interface BatchStub extends LoopbackServer {
  /** The bodies that made batches, parsed. */
  readonly made: Record<string, unknown>[];
  /** Text that was uploaded. */
  readonly files: string[];
  /** The paths of what was deleted. */
  readonly deleted: string[];
}

/** What a stub does. `results` is given the lines or requests that were handed in, and gives what comes back for them. */
export interface StubPlay {
  readonly results: (sent: readonly Record<string, never>[]) => readonly object[];
  /** The state a batch ends in, in the service's own word. */
  readonly ends?: string;
  /** Breaks the connection instead of answering the first submission; `false` in it: without making the batch. */
  readonly breaks?: "after" | "before";
  /** Batches that somebody else made. */
  readonly others?: readonly object[];
  /** Looks until it has ended; 0 by default. */
  readonly looks?: number;
}

const json = { "content-type": "application/json" };

/** Anthropic's. */
export async function startAnthropic({
  results,
  ends = "ended",
  breaks,
  others = [],
  looks = 0,
}: StubPlay): Promise<BatchStub> {
  const made: Record<string, unknown>[] = [];
  let looked = 0;
  let status = ends;
  const shown = (id: string, count: number) => ({
    id,
    type: "message_batch",
    processing_status: looked++ < looks ? "in_progress" : status,
    request_counts: { processing: count, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    created_at: new Date().toISOString(),
    results_url: `${server.url}/v1/messages/batches/${id}/results`,
    ended_at: null,
    expires_at: "",
    archived_at: null,
    cancel_initiated_at: null,
  });
  let broken = breaks === undefined;
  const server = await startServer((answer) => {
    const { method, path, body } = answer.request;
    const index = Number(/msgbatch_(\d+)/.exec(path)?.[1] ?? -1);
    const requests = (one: unknown) => (one as { requests: Record<string, never>[] }).requests;
    if (path.endsWith("/cancel")) {
      status = "ended";
      looked = looks;
    }
    if (path.endsWith("/results")) {
      const lines = results(requests(made[index])).map((line) => `${JSON.stringify(line)}\n`);
      return answer.send(200, { "content-type": "application/x-jsonl" }, lines.join(""));
    }
    if (index >= 0)
      return answer.send(200, json, JSON.stringify(shown(`msgbatch_${index}`, requests(made[index]).length)));
    if (method === "GET") {
      const own = made.map((one, at) => shown(`msgbatch_${at}`, requests(one).length)).reverse();
      const data = [...own, ...others.map((other) => ({ ...shown("", 0), ...other }))];
      return answer.send(200, json, JSON.stringify({ data, has_more: false, first_id: null, last_id: null }));
    }
    if (broken || breaks === "after") made.push(body as Record<string, unknown>);
    if (!broken) {
      broken = true;
      return answer.reset();
    }
    answer.send(200, json, JSON.stringify(shown(`msgbatch_${made.length - 1}`, requests(body).length)));
  });
  return {
    ...server,
    made,
    files: [],
    deleted: [],
    get connections() {
      return server.connections;
    },
  };
}

/** Gemini's, with the requests in the body or in a file. */
export async function startGemini({ results, ends = "BATCH_STATE_SUCCEEDED", breaks }: StubPlay): Promise<BatchStub> {
  const made: Record<string, unknown>[] = [];
  const files: string[] = [];
  const deleted: string[] = [];
  let broken = breaks === undefined;
  type Input = { fileName?: string; requests?: { requests: Record<string, never>[] } };
  const batchOf = (one: Record<string, unknown>) => one.batch as { displayName: string; inputConfig: Input };
  const lines = () =>
    (files.at(-1) ?? "")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, never>]));
  const shown = (one: Record<string, unknown>, at: number) => {
    const { displayName, inputConfig } = batchOf(one);
    const { requests, fileName } = inputConfig;
    const output =
      fileName === undefined
        ? { inlinedResponses: { inlinedResponses: results(requests?.requests ?? []) } }
        : { responsesFile: "files/batch-results" };
    return {
      name: `batches/${at}`,
      metadata: { displayName, state: ends, createTime: new Date().toISOString(), output },
    };
  };
  const server = await startServer((answer) => {
    const { method, path, text, body } = answer.request;
    const give = (value: object) => answer.send(200, json, JSON.stringify(value));
    const index = Number(/batches\/(\d+)/.exec(path)?.[1] ?? -1);
    if (method === "DELETE") {
      deleted.push(/files\/[^?]+/.exec(path)?.[0] ?? "");
      return give({});
    }
    // A resumable upload: https://ai.google.dev/gemini-api/docs/files
    if (path.startsWith("/upload/")) {
      made.push(body as Record<string, unknown>);
      return answer.send(200, { ...json, "x-goog-upload-url": `${server.url}/put` }, "{}");
    }
    if (path.startsWith("/put")) {
      const { "x-goog-upload-offset": offset, "x-goog-upload-command": command = "" } = answer.request.headers;
      if (offset === "0") files.push("");
      files.push(`${files.pop()}${text}`);
      if (!String(command).includes("finalize")) return answer.send(200, { "x-goog-upload-status": "active" }, "");
      const { file } = made.pop() as { file: { name: string } };
      return answer.send(200, { ...json, "x-goog-upload-status": "final" }, JSON.stringify({ file }));
    }
    if (path.includes(":download")) {
      return answer.send(
        200,
        {},
        results(lines())
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(""),
      );
    }
    if (path.includes(":cancel")) return give({});
    if (index >= 0) return give(shown(made[index] as Record<string, unknown>, index));
    if (method === "GET") return give({ operations: made.map(shown).reverse() });
    if (broken || breaks === "after") made.push(body as Record<string, unknown>);
    if (!broken) {
      broken = true;
      return answer.reset();
    }
    give(shown(made.at(-1) as Record<string, unknown>, made.length - 1));
  });
  return {
    ...server,
    made,
    files,
    deleted,
    get connections() {
      return server.connections;
    },
  };
}

/** Mistral's. */
export async function startMistral({ results, ends = "SUCCESS", breaks }: StubPlay): Promise<BatchStub> {
  const made: Record<string, unknown>[] = [];
  const files: string[] = [];
  let broken = breaks === undefined;
  const shown = (one: Record<string, unknown>, at: number) => ({
    id: `job-${at}`,
    object: "batch",
    input_files: one.input_files,
    metadata: one.metadata,
    endpoint: one.endpoint,
    model: one.model,
    output_file: "results",
    errors: ends === "FAILED" ? [{ message: "The file is bad.", count: 1 }] : [],
    status: ends,
    created_at: Math.floor(Date.now() / 1000),
    total_requests: 2,
    completed_requests: 0,
    succeeded_requests: 0,
    failed_requests: 0,
  });
  const deleted: string[] = [];
  const server = await startServer((answer) => {
    const { method, path, text, body } = answer.request;
    if (method === "DELETE") {
      const [, id = ""] = /files\/([^/?]+)/.exec(path) ?? [];
      deleted.push(id);
      return answer.send(200, json, JSON.stringify({ id, object: "file", deleted: true }));
    }
    const index = Number(/job-(\d+)/.exec(path)?.[1] ?? -1);
    const parse = (form = "") =>
      form.split(/\r?\n/).flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Record<string, never>] : []));
    if (path.includes("/content")) {
      const lines = results(parse(files.at(-1))).map((line) => `${JSON.stringify(line)}\n`);
      return answer.send(200, { "content-type": "application/octet-stream" }, lines.join(""));
    }
    if (method === "POST" && path.includes("/files")) {
      files.push(text);
      const file = {
        id: "00000000-0000-0000-0000-000000000000",
        object: "file",
        bytes: 1,
        created_at: 0,
        filename: "f",
      };
      return answer.send(
        200,
        json,
        JSON.stringify({ ...file, purpose: "batch", sample_type: "batch_request", source: "upload" }),
      );
    }
    if (index >= 0) return answer.send(200, json, JSON.stringify(shown(made[index] as Record<string, unknown>, index)));
    if (method === "GET") {
      const data = path.includes("page=0") ? made.map(shown).reverse() : [];
      return answer.send(200, json, JSON.stringify({ data, object: "list", total: data.length }));
    }
    if (broken || breaks === "after") made.push(body as Record<string, unknown>);
    if (!broken) {
      broken = true;
      return answer.reset();
    }
    answer.send(200, json, JSON.stringify(shown(made.at(-1) as Record<string, unknown>, made.length - 1)));
  });
  return {
    ...server,
    made,
    files,
    deleted,
    get connections() {
      return server.connections;
    },
  };
}

const arn = "arn:aws:bedrock:us-east-1:1:model-invocation-job/";

/** Bedrock's control plane and S3, on one port. */
export async function startBedrock({ results, ends = "Completed", breaks }: StubPlay): Promise<BatchStub> {
  const made: Record<string, unknown>[] = [];
  const bodies = new Map<string, string>();
  const files: string[] = [];
  let broken = breaks === undefined;
  const shown = (one: Record<string, unknown>, at: number) => ({
    ...one,
    jobArn: `${arn}job${at}`,
    status: ends,
    submitTime: new Date().toISOString(),
  });
  const deleted: string[] = [];
  const server = await startServer((answer) => {
    const { method, path, text, body } = answer.request;
    if (method === "DELETE") {
      deleted.push(path.split("?")[0] as string);
      return answer.send(204, {}, "");
    }
    const index = Number(/job(\d+)$/.exec(path.split("?")[0] ?? "")?.[1] ?? -1);
    if (method === "PUT") {
      files.push(text);
      bodies.set(/callscope-[0-9a-f-]{36}/.exec(path)?.[0] ?? "", text);
      return answer.send(200, { etag: '"1"' }, "");
    }
    if (path.includes("requests.jsonl.out")) {
      const name = /callscope-[0-9a-f-]{36}/.exec(path)?.[0] ?? "";
      const sent = (bodies.get(name) ?? "").split("\n").filter((line) => line.startsWith("{"));
      const lines = results(sent.map((line) => JSON.parse(line) as Record<string, never>));
      return answer.send(
        200,
        { "content-type": "binary/octet-stream" },
        lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
      );
    }
    if (path.includes("/stop")) return answer.send(200, json, "{}");
    if (index >= 0) return answer.send(200, json, JSON.stringify(shown(made[index] as Record<string, unknown>, index)));
    if (method === "GET")
      return answer.send(200, json, JSON.stringify({ invocationJobSummaries: made.map(shown).reverse() }));
    if (broken || breaks === "after") made.push(body as Record<string, unknown>);
    if (!broken) {
      broken = true;
      return answer.reset();
    }
    answer.send(200, json, JSON.stringify({ jobArn: `${arn}job${made.length - 1}` }));
  });
  return {
    ...server,
    made,
    files,
    deleted,
    get connections() {
      return server.connections;
    },
  };
}
