/** What is used of Node's `ServerResponse`, and of what Express and Fastify have for one. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  flushHeaders?(): void;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  destroy(error?: Error): unknown;
  once(event: "close" | "drain", listener: () => void): unknown;
  removeListener(event: "close" | "drain", listener: () => void): unknown;
  readonly destroyed?: boolean;
}

/**
 * A signal that is aborted when the client's connection closes: given to `textResponse` and its siblings, it ends the
 * request of a client that goes away before the first event, too.
 */
export function closeSignal(res: Pick<NodeResponse, "once" | "destroyed">): AbortSignal {
  const controller = new AbortController();
  const close = () => controller.abort(new DOMException("The client went away.", "AbortError"));
  if (res.destroyed) close();
  else res.once("close", close);
  return controller.signal;
}

/**
 * Sends a `Response` by Node's own: not faster than the client reads, and left when the client goes away. Fulfilled when
 * it is over, however it ended; a body that is broken off breaks the connection off.
 */
export async function sendResponse(response: Response, res: NodeResponse): Promise<void> {
  res.statusCode = response.status;
  for (const [name, value] of response.headers) if (name !== "connection") res.setHeader(name, value);
  res.flushHeaders?.();
  if (response.body === null) {
    res.end();
    return;
  }
  const reader = response.body.getReader();
  let gone = res.destroyed === true;
  const leave = () => {
    gone = true;
    reader.cancel().catch(() => {});
  };
  res.once("close", leave);
  try {
    for (let step = await reader.read(); !step.done && !gone; step = await reader.read()) {
      if (!res.write(step.value)) await drained(res);
    }
    if (!gone) res.end();
  } catch (error) {
    res.destroy(error as Error);
  } finally {
    res.removeListener("close", leave);
    if (gone) await reader.cancel().catch(() => {});
  }
}

function drained(res: NodeResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.removeListener("drain", done);
      res.removeListener("close", done);
      resolve();
    };
    res.once("drain", done);
    res.once("close", done);
  });
}
