import { request } from "undici";

// The floor: no SDK, nothing checked.

const headers = { "content-type": "application/json", authorization: "Bearer bench" };

function post(body: object) {
  return { method: "POST" as const, headers, body: JSON.stringify(body) };
}

/** The parsed answer, by `fetch`. */
export async function fetchJson(origin: string, route: string, body: object): Promise<unknown> {
  const response = await fetch(`${origin}/${route}/v1/chat/completions`, post(body));
  return response.json();
}

/** The parsed answer, by undici's own request function. */
export async function requestJson(origin: string, route: string, body: object): Promise<unknown> {
  const { body: answer } = await request(`${origin}/${route}/v1/chat/completions`, post(body));
  return answer.json();
}

/** One event of a stream, as far as it is read here. */
export interface RawChunk {
  readonly choices: readonly { readonly delta: { readonly content?: string | null } }[];
}

/** The events of a stream: `fetch` and the simplest split that is right for this server. */
export async function* fetchEvents(origin: string, route: string, body: object): AsyncGenerator<RawChunk> {
  const response = await fetch(`${origin}/${route}/v1/chat/completions`, post({ ...body, stream: true }));
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) if (event !== "data: [DONE]") yield JSON.parse(event.slice(6)) as RawChunk;
  }
}
