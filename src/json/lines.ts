/** The lines of a body of JSON Lines, parsed one by one as they come; empty ones are left out. Throws `SyntaxError`. */
export async function* readLines(
  body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  for await (const bytes of body as AsyncIterable<Uint8Array>) {
    const [first = "", ...more] = decoder.decode(bytes, { stream: true }).split("\n");
    rest.push(first);
    for (const next of more) {
      const line = rest.join("");
      rest = [next];
      if (line.trim() !== "") yield JSON.parse(line);
    }
  }
  const last = rest.join("") + decoder.decode();
  if (last.trim() !== "") yield JSON.parse(last);
}
