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
  readonly choices: readonly {
    readonly delta: {
      readonly content?: string | null;
      readonly tool_calls?: readonly { readonly function?: { readonly arguments?: string } }[];
    };
  }[];
}

/** One event of Anthropic's, as far as it is read here. */
export interface RawMessageEvent {
  readonly delta?: { readonly text?: string };
}

/** The events of a stream: `fetch` and the simplest split that is right for this server. */
export async function* fetchEvents<Event = RawChunk>(
  origin: string,
  route: string,
  body: object,
  endpoint = "chat/completions",
): AsyncGenerator<Event> {
  const response = await fetch(`${origin}/${route}/v1/${endpoint}`, post({ ...body, stream: true }));
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      if (event !== "data: [DONE]") yield JSON.parse(event.slice(event.indexOf("data: ") + 6)) as Event;
    }
  }
}

/**
 * The events of a response that an SDK got: what a careful user writes by hand. It knows lines of both kinds, comments and
 * data of several lines, and reads the body through the stream's own reader.
 */
export async function* eventsOf<Event = RawChunk>(response: Response): AsyncGenerator<Event> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let rest = "";
  let data = "";
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      rest += decoder.decode(piece.value, { stream: true });
      let start = 0;
      for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", start)) {
        const line = rest.slice(start, rest.charCodeAt(end - 1) === 13 ? end - 1 : end);
        start = end + 1;
        if (line.startsWith("data:")) data += (data === "" ? "" : "\n") + line.slice(line[5] === " " ? 6 : 5);
        if (line !== "" || data === "") continue;
        if (data === "[DONE]") return;
        const event = JSON.parse(data) as Event;
        data = "";
        yield event;
      }
      rest = rest.slice(start);
    }
  } finally {
    await reader.cancel();
  }
}
