import { Columns, int32, uint16, uint32 } from "./columns.ts";

/** Where each line lies, and which span it is of. */
export class Lines extends Columns {
  block = new Uint16Array();
  from = new Uint32Array();
  length = new Uint32Array();
  /** -1 for a line that is of none. */
  span = new Int32Array();
  protected readonly columns = { block: uint16, from: uint32, length: uint32, span: int32 };

  put(block: number, from: number, length: number, span: number): number {
    const line = this.add();
    this.block[line] = block;
    this.from[line] = from;
    this.length[line] = length;
    this.span[line] = span;
    return line;
  }

  /** The line that has this byte of a block. */
  at(block: number, position: number): number {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const [itsBlock = 0, itsFrom = 0] = [this.block[middle], this.from[middle]];
      if (itsBlock < block || (itsBlock === block && itsFrom <= position)) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
