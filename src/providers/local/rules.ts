import { choice, type Expression, nothing, type Path, repeat, sequence, write } from "./expression.ts";
import { jsonRules } from "./gbnf.ts";

interface Rule {
  /** What it stands for in the schema; the place to blame when it is impossible. */
  readonly path: Path;
  readonly body: Expression;
  /** True for one that others may have referred to before it had a body. */
  readonly early?: true;
  /** What it is instead where its body turns out to be impossible. */
  readonly otherwise?: Expression;
}

// A grammar is read on the thread that everything else runs on, and its rules are held three times over.
const mostText = 4_000_000;

/** The rules of one grammar. */
export class Rules {
  readonly #rules = new Map<string, Rule>();
  readonly #names = new Map<string, string>();
  readonly #needed: Expression[] = [];

  /** A rule whose body follows, so that it can refer to itself. Until then it is nothing. */
  reserve(path: Path): string {
    const name = `r${this.#rules.size}`;
    this.#rules.set(name, { path, body: nothing(path), early: true });
    return name;
  }

  /** Gives a reserved rule its body, and what stands for it from now on. */
  define(name: string, body: Expression): Expression {
    const { path } = this.#rules.get(name) ?? { path: [] };
    this.#rules.set(name, { path, body, early: true });
    return body.kind === "nothing" ? body : { kind: "rule", name };
  }

  /** A name for an expression, the same for the same one, so that a schema that nests stays small. */
  named(body: Expression, path: Path): Expression {
    if (body.kind === "nothing" || body.kind === "rule") return body;
    const words = write(body);
    if (/^[a-z]+$/.test(words)) return body;
    const known = this.#names.get(words);
    if (known !== undefined) return { kind: "rule", name: known };
    const name = `r${this.#rules.size}`;
    this.#rules.set(name, { path, body });
    this.#names.set(words, name);
    return { kind: "rule", name };
  }

  /** The one where it is possible, else the other. */
  preferred(body: Expression, otherwise: Expression, path: Path): Expression {
    if (body.kind === "nothing") return otherwise;
    const name = `r${this.#rules.size}`;
    this.#rules.set(name, { path, body, otherwise });
    return { kind: "rule", name };
  }

  /** How many texts an expression stands for: `Infinity` where they are many, or not known yet. */
  count(expression: Expression, depth = 0): number {
    if (expression.kind === "text") return expression.values ?? Infinity;
    if (expression.kind === "choice") {
      return expression.options.reduce((sum, option) => sum + this.count(option, depth + 1), 0);
    }
    if (expression.kind !== "rule" || depth > 16) return Infinity;
    const { body } = this.#rules.get(expression.name) ?? {};
    return body === undefined || body.kind === "nothing" ? Infinity : this.count(body, depth + 1);
  }

  /** Marks what must be possible; gives it back. */
  need(expression: Expression): Expression {
    this.#needed.push(expression);
    return expression;
  }

  /**
   * The whole grammar, or the place that makes it impossible: a rule that only ends by itself never ends, and whatever
   * needs such a rule is impossible, too.
   */
  text(root: Expression): { readonly grammar: string } | { readonly impossible: Path } | "too large" {
    const possible = this.#possible();
    for (const needed of [...this.#needed, root]) {
      const left = this.#without(needed, possible);
      if (left.kind === "nothing") return { impossible: left.path };
    }
    const bodies = new Map<string, Expression>();
    for (const [name, { body }] of this.#rules) if (possible.has(name)) bodies.set(name, this.#without(body, possible));
    for (const [name, { early }] of this.#rules) {
      // Only through one of those can a rule come back to itself.
      const body = early && bodies.get(name);
      if (body) bodies.set(name, straight(name, body, bodies));
    }
    const lines = [`root ::= ${write(this.#without(root, possible))}`];
    for (const [name, body] of bodies) lines.push(`${name} ::= ${write(body)}`);
    for (const [name, body] of Object.entries(jsonRules)) lines.push(`${name} ::= ${body}`);
    const grammar = `${lines.join("\n")}\n`;
    return grammar.length > mostText ? "too large" : { grammar };
  }

  /** The names of the rules that some text fits. */
  #possible(): ReadonlySet<string> {
    for (;;) {
      // Forth and back: most rules stand behind those they need, a rule that was reserved before them.
      const orders = [[...this.#rules], [...this.#rules].reverse()];
      const possible = new Set<string>();
      for (let before = -1; before < possible.size; ) {
        before = possible.size;
        for (const [name, { body }] of orders.flat()) {
          if (!possible.has(name) && ends(body, possible)) possible.add(name);
        }
      }
      // One at a time, the innermost first: those around it may be possible then.
      const failed = orders[0]?.find(([name, { otherwise }]) => otherwise !== undefined && !possible.has(name));
      if (failed === undefined) return possible;
      const [name, { path, otherwise = nothing(path) }] = failed;
      this.#rules.set(name, { path, body: otherwise });
    }
  }

  #without(expression: Expression, possible: ReadonlySet<string>): Expression {
    const again = (part: Expression) => this.#without(part, possible);
    switch (expression.kind) {
      case "rule":
        return possible.has(expression.name) ? expression : nothing(this.#rules.get(expression.name)?.path ?? []);
      case "sequence":
        return sequence(...expression.parts.map(again));
      case "choice":
        return choice(expression.options.map(again));
      case "repeat":
        return repeat(again(expression.item), expression.least, expression.most);
      default:
        return expression;
    }
  }
}

function ends(expression: Expression, possible: ReadonlySet<string>): boolean {
  const does = (part: Expression) => ends(part, possible);
  switch (expression.kind) {
    case "nothing":
      return false;
    case "text":
      return true;
    case "rule":
      return possible.has(expression.name);
    case "sequence":
      return expression.parts.every(does);
    case "choice":
      return expression.options.some(does);
    default:
      return expression.least === 0 || does(expression.item);
  }
}

// `a ::= a | "x"` says no more than `"x"`, but a parser that reads from the left never comes to its end.
function straight(name: string, body: Expression, bodies: ReadonlyMap<string, Expression>): Expression {
  const seen = new Set<string>();
  const steps: Expression[] = [];
  let leadsBack = false;
  const waiting = [body];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === "choice") waiting.push(...next.options.toReversed());
    else if (next.kind !== "rule") steps.push(next);
    else if (next.name === name) leadsBack = true;
    else if (!seen.has(next.name)) {
      seen.add(next.name);
      waiting.push(bodies.get(next.name) ?? nothing([]));
    }
  }
  return leadsBack ? choice(steps) : body;
}
