import fc from "fast-check";

// Streams as no server should write them: every field, end of line, mark and cut, right and wrong.

const texts = fc.constantFrom(
  "",
  "a",
  "Grüße 👋",
  "two\\nlines",
  "�",
  " ",
  "\\r",
  "data: x",
  "[DONE]",
  "x".repeat(300),
);

const datum = fc.oneof(
  { weight: 8, arbitrary: texts.map((text) => `{"id":"1","choices":[{"index":0,"delta":{"content":"${text}"}}]}`) },
  { weight: 2, arbitrary: texts.map((text) => `{"type":"content_block_delta","delta":{"text":"${text}"}}`) },
  fc.constantFrom("null", "1", '"text"', "[]", "{}", "", " ", "  {}", "[DONE]", "[DONE] ", "nonsense", '{"cut":'),
  fc.constantFrom('{"error":null}', '{"error":{"message":"no","type":"t","code":"c"}}', '{"error":"no"}'),
  fc.constantFrom('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'),
);

const names = fc.constantFrom(
  "message_start",
  "content_block_delta",
  "response.created",
  "ping",
  "error",
  "thread.run",
  "",
  "Ünicode",
);

const line = fc.oneof(
  { weight: 8, arbitrary: datum.map((data) => `data: ${data}`) },
  { weight: 4, arbitrary: names.map((name) => `event: ${name}`) },
  datum.map((data) => `data:${data}`),
  names.map((name) => `event:${name}`),
  fc.constantFrom(
    ": comment",
    ":",
    "data",
    "event",
    "id: 1",
    "retry: 10",
    "unknown: x",
    "no colon",
    "\uFEFF",
    " data: x",
  ),
  datum.map((data) => `\uFEFFdata: ${data}`),
);

// Most servers keep to one end of line.
const ends = fc.oneof(
  { weight: 4, arbitrary: fc.constant(["\n"]) },
  { weight: 2, arbitrary: fc.constant(["\r\n"]) },
  fc.constant(["\r"]),
  fc.constant(["\n", "\r\n", "\r"]),
);

const record = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(line).map((lines) => [...lines, ""]) },
  { weight: 3, arbitrary: fc.array(line, { maxLength: 4 }).map((lines) => [...lines, ""]) },
  fc.array(line, { maxLength: 2 }),
);

/** How the bytes come to their end. */
export type Ending = "close" | "break" | "abort";

/** A body: its bytes in pieces, and its end. */
export interface RandomStream {
  readonly pieces: readonly Uint8Array[];
  readonly ending: Ending;
  /** Events after which the reader leaves. */
  readonly leaveAfter: number;
  /** The bytes as text, for who has to understand a failure. */
  readonly text: string;
}

/** Random streams in random pieces. */
export const randomStream: fc.Arbitrary<RandomStream> = fc
  .record({
    records: fc.array(record, { maxLength: 12 }),
    ends,
    picks: fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
    mark: fc.boolean(),
    cut: fc.nat({ max: 6 }),
    wrong: fc.option(fc.tuple(fc.nat(), fc.constantFrom(0x80, 0xff, 0xc3, 0xe2, 0xf0)), { freq: 6 }),
    sizes: fc.array(fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 200 })), { minLength: 1, maxLength: 12 }),
    ending: fc.oneof({ weight: 6, arbitrary: fc.constant<Ending>("close") }, fc.constantFrom<Ending>("break", "abort")),
    leaveAfter: fc.oneof(
      { weight: 4, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
      fc.integer({ min: 1, max: 4 }),
    ),
  })
  .map(({ records, ends, picks, mark, cut, wrong, sizes, ending, leaveAfter }) => {
    const lines = records.flat();
    const text = lines.map((line, index) => line + ends[(picks[index % picks.length] ?? 0) % ends.length]).join("");
    const bytes = Buffer.from((mark ? "\uFEFF" : "") + text.slice(0, cut < 4 ? text.length : -cut || text.length));
    if (wrong !== null && bytes.length > 0) bytes[wrong[0] % bytes.length] = wrong[1];
    return { text: bytes.toString(), pieces: piecesOf(bytes, sizes), ending, leaveAfter };
  });

function piecesOf(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  // A size of 0 is a piece without a byte; at least every other one is longer.
  for (let start = 0, index = 0; start < bytes.length; index++) {
    const size = (sizes[index % sizes.length] ?? 1) || index % 2;
    pieces.push(bytes.slice(start, start + size));
    start += size;
  }
  return pieces;
}

/** The stream as the body of an answer. */
export interface RandomBody {
  readonly response: Response;
  /** True where the reader gave it up. */
  left(): boolean;
  /** True where it was read to its end. */
  ended(): boolean;
}

export function toResponse({ pieces, ending }: RandomStream): RandomBody {
  let index = 0;
  let left = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[index++];
        if (piece !== undefined) controller.enqueue(piece);
        else if (ending === "close") controller.close();
        else if (ending === "break") controller.error(new TypeError("terminated"));
        else controller.error(new DOMException("This operation was aborted", "AbortError"));
      },
      cancel() {
        left = true;
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { "content-type": "text/event-stream", "x-request-id": "req_1" };
  return { response: new Response(body, { headers }), left: () => left, ended: () => index > pieces.length };
}
