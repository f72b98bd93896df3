/** What was read before a marker, which one it was, and what follows it. */
export interface Found {
  readonly before: string;
  readonly marker: string | undefined;
  readonly after: string;
}

/** Looks for markers in text that comes in pieces. What may be the beginning of one is held back until it is known. */
export class MarkerScanner {
  #held = "";

  /** The text up to the first of the markers, or all of it that holds no beginning of one. */
  next(text: string, markers: readonly string[]): Found {
    const whole = this.#held + text;
    let at = whole.length;
    let marker: string | undefined;
    for (const candidate of markers) {
      const found = whole.indexOf(candidate);
      if (found === -1 || found > at || (found === at && marker !== undefined)) continue;
      at = found;
      marker = candidate;
    }
    if (marker !== undefined) {
      this.#held = "";
      return { before: whole.slice(0, at), marker, after: whole.slice(at + marker.length) };
    }
    const free = whole.length - heldLength(whole, markers);
    this.#held = whole.slice(free);
    return { before: whole.slice(0, free), marker: undefined, after: "" };
  }

  /** What is held back: at the end it is plain text after all. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }
}

function heldLength(text: string, markers: readonly string[]): number {
  let longest = 0;
  for (const marker of markers) {
    for (let length = Math.min(marker.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(marker.slice(0, length))) longest = length;
    }
  }
  return longest;
}
