import type { FromWorker, ToWorker } from "../protocol.ts";
import type { State } from "./state.ts";

/** What came of one kind. */
type Message<Type extends FromWorker["type"]> = Extract<FromWorker, { readonly type: Type }>;

/** The page's end of the line to its worker. */
export class Link {
  readonly #worker: Worker;
  readonly #listeners = new Map<string, ((message: never) => void)[]>();
  /** Which question is asked. */
  number = 0;

  constructor(source: string) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.#worker = new Worker(url);
    this.#worker.onmessage = ({ data }: { readonly data: FromWorker }) => {
      // Who listens to a name takes what has it.
      for (const tell of this.#listeners.get(data.type) ?? []) (tell as (message: FromWorker) => void)(data);
    };
  }

  on<Type extends FromWorker["type"]>(type: Type, tell: (message: Message<Type>) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), tell as (message: never) => void]);
  }

  tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  ask({ query, last, tab }: State, width: number): void {
    const filter = last === undefined ? query.filter : { ...query.filter, from: Date.now() - last, to: undefined };
    this.tell({
      type: "query",
      number: ++this.number,
      query: { ...query, filter },
      totals: tab === "totals" ? width : undefined,
    });
  }
}
