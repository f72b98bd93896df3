import type { Layer } from "callscope";
import type { Lane } from "../stubs.ts";

/** What a lane's functions are: calls. */
interface Bound {
  with(overrides: { readonly layers: readonly Layer[] }): unknown;
}

/** The same lane with layers around its calls and streams. */
export function withLayers(lane: Lane, layers: readonly Layer[]): Lane {
  const { call, stream } = lane as Lane & { readonly call: Bound; readonly stream: Bound };
  return { ...lane, call: call.with({ layers }), stream: stream.with({ layers }) } as Lane;
}

/** One call, its text read. */
export async function callOnce({ name, call }: Lane): Promise<void> {
  const { content } = await call("fantasy");
  if (content.length !== 500) throw new Error(`${name} gave ${content.length} characters.`);
}

/** One stream, its texts read. */
export async function streamOnce({ name, stream, chunks }: Lane): Promise<void> {
  let seen = 0;
  for await (const [{ content }] of stream("fantasy")) if (content !== "") seen++;
  if (seen !== chunks) throw new Error(`${name} gave ${seen} of ${chunks} chunks.`);
}
