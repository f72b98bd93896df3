import { make } from "./dom.ts";

// An element can be some thirty million pixels high; well below that, a list of more rows is scrolled by parts.
const highest = 8_000_000;

/** What is seen of the list: taken before anything is drawn, since a look after it makes the browser lay the page out at once. */
export interface Look {
  /** The first row that is seen. */
  readonly first: number;
  /** How many rows are seen, whole or in part. */
  readonly seen: number;
  /** Where a row stands, in pixels from the content's top. */
  topOf(at: number): number;
}

/** A box that scrolls over more rows than it has elements for. */
export class Scroller {
  readonly content = make("div", { class: "content", role: "rowgroup" });
  readonly #box: HTMLElement;
  #count = 0;
  #height = 40;

  constructor(box: HTMLElement, scrolled: () => void) {
    this.#box = box;
    box.append(this.content);
    box.addEventListener("scroll", scrolled, { passive: true });
    new ResizeObserver(() => {
      const first = this.first;
      this.#measure();
      this.#setHeight();
      this.show(first);
      scrolled();
    }).observe(box);
  }

  /** The first row that is seen. */
  get first(): number {
    return Math.min(Math.max(0, this.#count - 1), Math.floor((this.#box.scrollTop * this.#scale) / this.#height));
  }

  /** How many rows are seen, whole or in part. */
  get seen(): number {
    return Math.ceil(this.#room / this.#height) + 1;
  }

  look(): Look {
    const { first, seen } = this;
    const height = this.#height;
    const top = this.#box.scrollTop;
    // Nothing where the whole list is one part.
    const shift = top - top * this.#scale;
    return { first, seen, topOf: (at) => at * height + shift };
  }

  /** There are so many rows now; `onTop` of them came before those that are seen. Without it the top is shown. */
  resize(count: number, onTop: number | undefined): void {
    this.#count = count;
    this.#measure();
    this.#setHeight();
    if (onTop === undefined) this.#box.scrollTop = 0;
    else if (onTop > 0) this.#box.scrollTop += (onTop * this.#height) / this.#scale;
  }

  show(at: number): void {
    this.#box.scrollTop = (at * this.#height) / this.#scale;
  }

  /** Scrolls as little as it takes for a row to be seen. */
  reveal(at: number): void {
    const whole = Math.max(1, Math.floor(this.#room / this.#height));
    if (at < Math.ceil((this.#box.scrollTop * this.#scale) / this.#height)) this.show(at);
    else if (at >= this.first + whole) this.show(at - whole + 1);
  }

  get #room(): number {
    return Math.max(0, this.#box.clientHeight - this.#head);
  }

  get #head(): number {
    return this.content.offsetTop;
  }

  get #scale(): number {
    const whole = this.#count * this.#height;
    return whole <= highest ? 1 : (whole - this.#room) / (highest - this.#room);
  }

  #measure(): void {
    const height = Number.parseFloat(getComputedStyle(this.content).getPropertyValue("--row"));
    if (height > 0) this.#height = height;
  }

  #setHeight(): void {
    this.content.style.height = `${Math.min(highest, this.#count * this.#height)}px`;
  }
}
