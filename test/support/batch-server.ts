import { completion } from "./chat-server.ts";
import { type Answer, type LoopbackServer, startServer } from "./server.ts";

// A batch service on OpenAI's wire, written by hand from the types of the `openai` package (resources/batches.d.ts,
// resources/files.d.ts) and OpenAI's guide: no recording of a batch exists.

/** One line of the file of requests. */
export interface BatchLine {
  readonly custom_id: string;
  readonly method: string;
  readonly url: string;
  readonly body: { readonly model?: string; readonly messages: { readonly content: string }[] };
}

/** A batch as the service has it. */
export interface ServedBatch {
  readonly id: string;
  readonly body: Record<string, unknown>;
  readonly lines: readonly BatchLine[];
  status: string;
  looks: number;
}

/** What the service does. */
export interface BatchPlay {
  /** The body of an answer, or a whole line of results beside its `custom_id`. By default the text in capitals. */
  readonly answer?: (line: BatchLine, batch: ServedBatch) => object | { readonly line: object } | undefined;
  /** Looks until a batch has ended; 1 by default. */
  readonly looks?: number;
  /** How a batch ends; `completed` by default. */
  readonly ends?: (batch: ServedBatch) => string;
  /** What the service says of one that failed. */
  readonly says?: { readonly code: string; readonly message: string };
  /** True where files cannot be deleted. */
  readonly keeps?: boolean;
  /** Called when a batch was made and before that is answered. */
  readonly made?: (batch: ServedBatch, answer: Answer) => unknown;
  /** Answers what is no batch: a live call. */
  readonly live?: (answer: Answer) => void;
}

export interface BatchServer extends LoopbackServer {
  readonly batches: readonly ServedBatch[];
  /** The files that are there: requests that were uploaded, and results. */
  readonly files: readonly string[];
  readonly play: BatchPlay;
}

const json = { "content-type": "application/json" };

/** Starts it. */
export async function startBatches(play: BatchPlay = {}): Promise<BatchServer> {
  const files = new Map<string, readonly BatchLine[]>();
  const batches: ServedBatch[] = [];
  const gone = new Set<string>();
  const find = (id: string | undefined) => batches.find((batch) => batch.id === id) as ServedBatch;
  const server = await startServer(async (answer) => {
    const { method, path, text, body } = answer.request;
    const [, id, what] = /\/(?:files|batches)\/([^/?]+)(?:\/(\w+))?/.exec(path) ?? [];
    const give = (value: object) => answer.send(200, json, JSON.stringify(value));
    if (method === "DELETE" && id !== undefined) {
      if (play.keeps) return answer.send(500, json, "{}");
      gone.add(id);
      return give({ id, object: "file", deleted: true });
    }
    if (method === "POST" && /\/files\b/.test(path)) {
      const name = `file-${files.size}`;
      files.set(name, linesOf(text));
      return give({ id: name, object: "file", purpose: "batch", bytes: text.length, created_at: 0, filename: "" });
    }
    if (what === "content")
      return answer.send(200, { "content-type": "application/jsonl" }, contentOf(find(id?.slice(4)), id, play));
    if (what === "cancel") {
      find(id).status = "cancelling";
      return give(shown(find(id), play));
    }
    const show = (batch: ServedBatch) => shown(batch, play);
    if (id !== undefined) return give(show(look(find(id), play)));
    if (method === "GET") return give({ object: "list", data: batches.map(show).reverse(), has_more: false });
    if (!path.includes("/batches")) return play.live?.(answer);
    const made = body as Record<string, unknown>;
    const lines = files.get(String(made.input_file_id)) ?? [];
    const batch: ServedBatch = { id: `batch_${batches.length}`, body: made, lines, status: "in_progress", looks: 0 };
    batches.push(batch);
    await play.made?.(batch, answer);
    if (!answer.finished) give(show(batch));
  });
  return {
    ...server,
    play,
    batches,
    get files() {
      const results = batches.flatMap(({ id, status }) => (isOver(status) ? [`out-${id}`, `err-${id}`] : []));
      return [...files.keys(), ...results].filter((file) => !gone.has(file));
    },
    get connections() {
      return server.connections;
    },
  };
}

/** The lines in the part of a form that is a file. */
function linesOf(form: string): BatchLine[] {
  return form.split(/\r?\n/).flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as BatchLine] : []));
}

function look(batch: ServedBatch, { looks = 1, ends = () => "completed" }: BatchPlay): ServedBatch {
  batch.looks++;
  if (batch.status === "cancelling") batch.status = "cancelled";
  if (batch.status === "in_progress" && batch.looks > looks) batch.status = ends(batch);
  return batch;
}

function isOver(status: string): boolean {
  return ["completed", "expired", "cancelled"].includes(status);
}

function shown({ id, body, lines, status, looks }: ServedBatch, { says }: BatchPlay): object {
  return {
    id,
    object: "batch",
    endpoint: body.endpoint,
    completion_window: "24h",
    created_at: Math.floor(Date.now() / 1000),
    input_file_id: body.input_file_id,
    metadata: body.metadata,
    status,
    request_counts: { total: lines.length, completed: Math.min(looks, lines.length), failed: 0 },
    ...(isOver(status) && { output_file_id: `out-${id}`, error_file_id: `err-${id}` }),
    ...(status === "failed" && {
      errors: { object: "list", data: [says ?? { code: "invalid", message: "The file is bad.", line: 1 }] },
    }),
  };
}

/** The results, the last request first: answers in one file, what has none in the other. */
function contentOf(batch: ServedBatch, file: string | undefined, { answer }: BatchPlay): string {
  const results = batch.lines.toReversed().flatMap((line) => {
    const text = line.body.messages?.at(0)?.content ?? "";
    const given = answer === undefined ? completion({ content: text.toUpperCase() }) : answer(line, batch);
    if (given === undefined) return [];
    const own =
      "line" in given
        ? (given.line as object)
        : { response: { status_code: 200, request_id: "req_1", body: given }, error: null };
    return [{ id: `batch_req_${line.custom_id}`, custom_id: line.custom_id, ...own }];
  });
  const isError = (line: object) => (line as { response?: { status_code: number } }).response?.status_code !== 200;
  const wanted = results.filter((line) => isError(line) === file?.startsWith("err-"));
  return wanted.map((line) => `${JSON.stringify(line)}\n`).join("");
}
