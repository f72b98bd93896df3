/**
 * Base64 that comes in pieces, each base64 by itself, as one text. What is whole only grows; the padded quartet at its end,
 * if any, is encoded again with the next piece, so that nothing of what came before is looked at again.
 */
export class GrowingBase64 {
  #whole = "";
  #rest = "";

  /** Adds a piece and gives all of it. */
  push(piece: string): string {
    let added = piece;
    if (this.#rest !== "") {
      const bytes = [this.#rest, piece].map((text) => Buffer.from(text, "base64"));
      added = Buffer.concat(bytes).toString("base64");
    }
    const cut = added.endsWith("=") ? added.length - 4 : added.length;
    this.#whole += added.slice(0, cut);
    this.#rest = added.slice(cut);
    return this.#whole + this.#rest;
  }
}

const sounds = new WeakMap<object, GrowingBase64>();

/** The sound that grows in this object; it begins with what the object has already. */
export function soundOf(holder: object, begun = ""): GrowingBase64 {
  const known = sounds.get(holder);
  if (known !== undefined) return known;
  const sound = new GrowingBase64();
  sound.push(begun);
  sounds.set(holder, sound);
  return sound;
}
