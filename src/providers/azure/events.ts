/**
 * The data of server-sent events, one after another. Each byte is looked at once, however the events are cut into
 * pieces. https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* readEvents(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<string, undefined> {
  let data: string[] = [];
  for await (const line of readLines(bytes)) {
    if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    else if (line === "" && data.length > 0) {
      yield data.join("\n");
      data = [];
    }
  }
}

/** Lines without their ends; what follows the last end is no line. */
async function* readLines(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let begun: string[] = [];
  for await (const piece of bytes) {
    const text = typeof piece === "string" ? piece : decoder.decode(piece, { stream: true });
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      begun.push(text.slice(start, end));
      const line = begun.join("");
      yield line.endsWith("\r") ? line.slice(0, -1) : line;
      begun = [];
      start = end + 1;
    }
    begun.push(text.slice(start));
  }
}
