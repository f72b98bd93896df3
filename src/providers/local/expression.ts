/** Where in a schema: the keys that lead there. */
export type Path = readonly string[];

/** No text at all. `path` is the place in the schema to blame. */
export interface Nothing {
  readonly kind: "nothing";
  readonly path: Path;
}

/** A piece of a grammar, before it is written down: what is not said yet can still be found impossible. */
export type Expression =
  | Nothing
  /** GBNF as it is; `values` says how many texts it stands for, where they are few. */
  | { readonly kind: "text"; readonly gbnf: string; readonly values?: number }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | { readonly kind: "repeat"; readonly item: Expression; readonly least: number; readonly most: number | undefined };

/** No text, because of what stands at `path`. */
export function nothing(path: Path): Nothing {
  return { kind: "nothing", path };
}

/** A piece of GBNF as it is. */
export function text(gbnf: string, values?: number): Expression {
  return { kind: "text", gbnf, ...(values !== undefined && { values }) };
}

/** One after the other; nothing where one of them is nothing. */
export function sequence(...parts: readonly Expression[]): Expression {
  return parts.find((part) => part.kind === "nothing") ?? { kind: "sequence", parts };
}

/** One of those that are possible, each once; nothing where none is, because of `path`, or else of the first. */
export function choice(options: readonly Expression[], path?: Path): Expression {
  const different = new Map<string, Expression>();
  for (const option of options.flatMap((one) => (one.kind === "choice" ? one.options : [one]))) {
    if (option.kind !== "nothing") different.set(write(option), option);
  }
  const possible = [...different.values()];
  if (possible.length > 1) return { kind: "choice", options: possible };
  const [only] = possible;
  if (only !== undefined) return only;
  const [first] = options;
  return first !== undefined && (options.length === 1 || path === undefined) ? first : nothing(path ?? []);
}

/** So many of one. What cannot be even once may still be left out. */
export function repeat(item: Expression, least: number, most?: number): Expression {
  if (most === 0 || (item.kind === "nothing" && least === 0)) return { kind: "sequence", parts: [] };
  return item.kind === "nothing" ? item : { kind: "repeat", item, least, most };
}

/** How many, from `least` to `most`. */
export interface Bounds {
  readonly least: number;
  readonly most: number | undefined;
}

/** Items with commas between them. */
export function list(item: Expression, { least, most }: Bounds): Expression {
  if (most === 0) return repeat(item, 0, 0);
  const others = repeat(sequence(text('", "'), item), Math.max(0, least - 1), most === undefined ? most : most - 1);
  const items = sequence(item, others);
  return least === 0 ? repeat(items, 0, 1) : items;
}

/** The expression in GBNF, https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md. */
export function write(expression: Expression): string {
  switch (expression.kind) {
    case "nothing":
      throw new Error("What is impossible has no words.");
    case "text":
      return expression.gbnf;
    case "rule":
      return expression.name;
    case "sequence":
      return expression.parts.length === 0 ? '""' : expression.parts.map(write).join(" ");
    case "choice":
      return `(${expression.options.map(write).join(" | ")})`;
    default:
      return writeRepeat(write(expression.item), expression.least, expression.most);
  }
}

function writeRepeat(item: string, least: number, most: number | undefined): string {
  const whole = /^[a-z0-9]+$/.test(item) ? item : `(${item})`;
  return least === 0 && most === 1 ? `${whole}?` : `${whole}{${least},${most ?? ""}}`;
}
