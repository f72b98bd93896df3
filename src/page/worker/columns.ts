type Numbers = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** Columns of numbers that grow together. */
export abstract class Columns {
  count = 0;
  #room = 0;

  /** The names of the columns, and what each is made of. */
  protected abstract readonly columns: Readonly<Record<string, (length: number) => Numbers>>;

  /** The place of one more row. All its numbers are 0. */
  protected add(): number {
    if (this.count === this.#room) this.#grow();
    return this.count++;
  }

  #grow(): void {
    this.#room = Math.max(1024, this.#room * 2);
    for (const [name, make] of Object.entries(this.columns)) {
      const grown = make(this.#room);
      // The names are those of the object's own columns.
      const before = Reflect.get(this, name) as Numbers;
      grown.set(before);
      Reflect.set(this, name, grown);
    }
  }
}

export const float64 = (length: number): Float64Array => new Float64Array(length);
export const int32 = (length: number): Int32Array => new Int32Array(length);
export const uint32 = (length: number): Uint32Array => new Uint32Array(length);
export const uint16 = (length: number): Uint16Array => new Uint16Array(length);
export const uint8 = (length: number): Uint8Array => new Uint8Array(length);
