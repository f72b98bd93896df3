import { ConfigError } from "../errors/errors.ts";

/** Streams that a page can go on with after it was reloaded. */
export interface ResumableStreams {
  /** Keeps what a response says under the id of its chat, and gives the response: its reader may leave, the work goes on. */
  keep(id: string, response: Response): Response;
  /** All of it again, and what is still to come; 204 where there is none. What the page asks for by its `GET`. */
  resume(id: string): Response;
  /** Ends the work of a chat. */
  stop(id: string): void;
}

interface Kept {
  readonly chunks: Uint8Array[];
  readonly headers: Headers;
  readonly waiting: Set<() => void>;
  readonly cancel: () => void;
  ended: "no" | "well" | "broken";
}

/**
 * Streams kept in this process while they go on, one a chat. A server of several processes needs its own store: what is
 * kept is the bytes of the response.
 */
export function resumableStreams(): ResumableStreams {
  const kept = new Map<string, Kept>();
  return {
    keep(id, response) {
      if (typeof id !== "string" || id === "") throw new ConfigError("A stream is kept under the id of its chat.");
      if (response.body === null || response.status !== 200) return response;
      kept.get(id)?.cancel();
      const reader = response.body.getReader();
      const one: Kept = {
        chunks: [],
        headers: response.headers,
        waiting: new Set(),
        cancel: () => void reader.cancel().catch(() => {}),
        ended: "no",
      };
      kept.set(id, one);
      void fill(one, reader).then(() => {
        if (kept.get(id) === one) kept.delete(id);
      });
      return replay(one);
    },
    resume(id) {
      const one = kept.get(id);
      return one === undefined ? new Response(null, { status: 204 }) : replay(one);
    },
    stop: (id) => kept.get(id)?.cancel(),
  };
}

async function fill(one: Kept, reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      one.chunks.push(step.value);
      wake(one);
    }
    one.ended = "well";
  } catch {
    one.ended = "broken";
  }
  wake(one);
}

function wake({ waiting }: Kept): void {
  for (const awake of waiting) awake();
  waiting.clear();
}

function replay(one: Kept): Response {
  let at = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        while (at >= one.chunks.length && one.ended === "no") {
          await new Promise<void>((awake) => one.waiting.add(awake));
        }
        const chunk = one.chunks[at];
        if (chunk !== undefined) {
          at++;
          controller.enqueue(chunk);
        } else if (one.ended === "broken") controller.error(new Error("The stream was broken off."));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: one.headers });
}
