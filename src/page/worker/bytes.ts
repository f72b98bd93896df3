/** A stretch of whole lines in one of the blocks. */
export interface Region {
  readonly block: number;
  readonly from: number;
  readonly to: number;
}

const blockSize = 16 * 1024 * 1024;
const lineFeed = 10;

/** Keeps what was read of a file, in blocks that no line crosses. */
export class Bytes {
  readonly blocks: Uint8Array[] = [];
  /** How many bytes came. */
  size = 0;
  // Of the last block: where what is not yet a whole line begins, and where the next bytes go.
  #open = 0;
  #end = 0;

  /** Takes what came and gives the lines that it completes; `undefined` where it completes none. */
  take(chunk: Uint8Array): Region | undefined {
    this.size += chunk.length;
    const block = this.#roomFor(chunk.length);
    block.set(chunk, this.#end);
    this.#end += chunk.length;
    const last = chunk.lastIndexOf(lineFeed);
    if (last === -1) return undefined;
    const from = this.#open;
    this.#open = this.#end - chunk.length + last + 1;
    return { block: this.blocks.length - 1, from, to: this.#open };
  }

  at(block: number, from: number, to: number): Uint8Array {
    return (this.blocks[block] ?? new Uint8Array()).subarray(from, to);
  }

  clear(): void {
    this.blocks.length = 0;
    this.size = this.#open = this.#end = 0;
  }

  #roomFor(length: number): Uint8Array {
    const block = this.blocks.at(-1);
    if (block !== undefined && this.#end + length <= block.length) return block;
    // The beginning of a line moves on with the rest of it. A line longer than a block makes its blocks double.
    const begun = block?.subarray(this.#open, this.#end) ?? new Uint8Array();
    const next = new Uint8Array(Math.max(blockSize, 2 * (begun.length + length)));
    next.set(begun);
    this.blocks.push(next);
    this.#open = 0;
    this.#end = begun.length;
    return next;
  }
}
