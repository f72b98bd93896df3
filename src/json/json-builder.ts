type Container = unknown[] | Record<string, unknown>;

interface Frame {
  container: Container;
  /** Where the value that is being read belongs: a key, or an index. */
  key: string | number;
  /** How many keys an object has had. */
  keys: number;
}

/** Open arrays and objects up to this size are copied between snapshots, which bounds the cost of each chunk. */
const widestArray = 4096;
const widestObject = 128;

/**
 * Builds a JSON value from its beginning on and hands out snapshots of it. Copy on write: only the first change after a
 * snapshot copies anything, and then only the containers that are still open.
 */
export class JsonBuilder {
  readonly #stack: Frame[] = [];
  #root: unknown;
  #handedOut = false;

  get depth(): number {
    return this.#stack.length;
  }

  get root(): unknown {
    return this.#root;
  }

  /** True when the innermost open container is an array. */
  get inArray(): boolean {
    return Array.isArray(this.#stack.at(-1)?.container);
  }

  /** True when the innermost open container has something in it. */
  get hasContent(): boolean {
    const frame = this.#stack.at(-1);
    return frame !== undefined && (Array.isArray(frame.container) ? frame.container.length > 0 : frame.keys > 0);
  }

  /** The key of the root object whose value is being read. */
  get rootKey(): string | number | undefined {
    return this.#stack[0]?.key;
  }

  /** The value as it is now; it is not changed afterwards, save for containers too wide to copy, which go on growing. */
  snapshot(): unknown {
    this.#handedOut = true;
    return this.#root;
  }

  reset(): void {
    this.#stack.length = 0;
    this.#root = undefined;
    this.#handedOut = false;
  }

  /** Puts a value at the current place, over what is there. */
  put(value: unknown): void {
    if (this.#handedOut) this.#copyOpenPath();
    const frame = this.#stack.at(-1);
    if (frame === undefined) this.#root = value;
    else setOwn(frame.container, frame.key, value);
  }

  open(container: Container): void {
    this.put(container);
    this.#stack.push({ container, key: 0, keys: 0 });
  }

  close(): void {
    this.#stack.pop();
  }

  /** The next value belongs to this key of the innermost object. */
  setKey(key: string): void {
    const frame = this.#stack.at(-1)!;
    frame.key = key;
    frame.keys++;
  }

  /** The next value is one further in the innermost container, if that is an array. */
  advance(): void {
    const frame = this.#stack.at(-1)!;
    if (typeof frame.key === "number") frame.key++;
  }

  #copyOpenPath(): void {
    this.#handedOut = false;
    let parent: Frame | undefined;
    for (const frame of this.#stack) {
      frame.container = copyOf(frame);
      if (parent === undefined) this.#root = frame.container;
      else setOwn(parent.container, parent.key, frame.container);
      parent = frame;
    }
  }
}

function copyOf({ container, keys }: Frame): Container {
  if (Array.isArray(container)) return container.length > widestArray ? container : container.slice();
  return keys > widestObject ? container : { ...container };
}

function setOwn(container: Container, key: string | number, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
    // Apart, since V8 makes each of them fast only where it does not see the other.
  } else if (Array.isArray(container)) container[key as number] = value;
  else container[key as string] = value;
}
