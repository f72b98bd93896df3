// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation, as far as the SDKs read it.

const newline = 10;
const space = 32;
const byteOrderMark = 0xfeff;

/**
 * Server-sent events out of pieces of bytes, wherever those are cut: `push` what came, then `next` until it says `false`.
 * Each byte is looked at once. A line ends with LF, CR LF or CR; a byte order mark that opens a line is left out.
 */
export class EventScanner {
  /** The name of the event that `next` found; `null` where it had none. */
  event: string | null = null;
  /** Its data, lines joined by LF. */
  data = "";
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  // True where the decoder holds the beginning of a character.
  #split = false;
  #text = "";
  #at = 0;
  // True where no line ends in what is left.
  #barren = true;
  // Where the next carriage return stands; most servers never send one.
  #carriage = Number.POSITIVE_INFINITY;
  // True after a carriage return at the end of a piece: a line feed that follows belongs to it.
  #skipsNewline = false;
  // The event that is being read.
  #name: string | null = null;
  #lines: string[] = [];

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    const piece = this.#decode(bytes);
    const rest = this.#at === 0 ? this.#text : this.#text.slice(this.#at);
    const carriage = piece.indexOf("\r");
    // Without an end of a line there is nothing to find: a long line in many pieces is put together once, at its end.
    this.#barren &&= carriage === -1 && !piece.includes("\n");
    if (this.#carriage < Number.POSITIVE_INFINITY) this.#carriage -= this.#at;
    else if (carriage !== -1) this.#carriage = rest.length + carriage;
    this.#text = rest + piece;
    this.#at = 0;
  }

  /** Reads on to the end of an event; `false` where more bytes are needed. */
  next(): boolean {
    if (this.#barren) return false;
    if (this.#skipsNewline) this.#skipNewline();
    for (;;) {
      const text = this.#text;
      const start = this.#at;
      const feed = text.indexOf("\n", start);
      const end = feed === -1 ? this.#carriage : Math.min(feed, this.#carriage);
      if (end === Number.POSITIVE_INFINITY) {
        this.#barren = true;
        return false;
      }
      // The usual event: its name, where it has one, a line of data and an empty one, all here.
      if (end === feed && this.#lines.length === 0) {
        if (text.charCodeAt(end + 1) === newline && text.startsWith("data: ", start)) {
          this.event = this.#name;
          this.data = text.slice(start + 6, end);
          this.#name = null;
          this.#at = end + 2;
          return true;
        }
        if (text.startsWith("event: ", start)) {
          this.#name = text.slice(start + 7, end);
          this.#at = end + 1;
          continue;
        }
      }
      this.#endLine(end);
      if (this.#takeLine(text.slice(start, end))) return true;
    }
  }

  /**
   * Takes the end of the bytes: what stands there without the end of a line is a line. With `dispatch` an event that no
   * empty line has ended is one, too; then `true`.
   */
  end(dispatch: boolean): boolean {
    const rest = this.#text.slice(this.#at) + this.#decoder.decode();
    this.#text = "";
    this.#at = 0;
    if (rest !== "" && this.#takeLine(rest)) return true;
    return dispatch && this.#takeLine("");
  }

  #decode(bytes: Uint8Array): string {
    // Decoding in one go is several times faster, and right as long as no character is cut.
    const last = bytes.at(-1);
    if (last === undefined) return "";
    const cut = last > 127;
    const text = cut || this.#split ? this.#decoder.decode(bytes, { stream: true }) : this.#decoder.decode(bytes);
    this.#split = cut;
    return text;
  }

  #skipNewline(): void {
    if (this.#at === this.#text.length) return;
    if (this.#text.charCodeAt(this.#at) === newline) this.#at++;
    this.#skipsNewline = false;
  }

  /** Goes behind the end of a line. */
  #endLine(end: number): void {
    this.#at = end + 1;
    if (end < this.#carriage) return;
    if (this.#at === this.#text.length) this.#skipsNewline = true;
    else if (this.#text.charCodeAt(this.#at) === newline) this.#at++;
    const next = this.#text.indexOf("\r", this.#at);
    this.#carriage = next === -1 ? Number.POSITIVE_INFINITY : next;
  }

  #takeLine(given: string): boolean {
    const line = given.charCodeAt(0) === byteOrderMark ? given.slice(1) : given;
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    if (field !== "event" && field !== "data") return false;
    const value = colon === -1 ? "" : line.slice(line.charCodeAt(colon + 1) === space ? colon + 2 : colon + 1);
    if (field === "event") this.#name = value;
    else this.#lines.push(value);
    return false;
  }

  #dispatch(): boolean {
    if (!this.#name && this.#lines.length === 0) return false;
    this.event = this.#name;
    this.data = this.#lines.length === 1 ? (this.#lines[0] as string) : this.#lines.join("\n");
    this.#name = null;
    this.#lines = [];
    return true;
  }
}
