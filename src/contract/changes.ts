/** Takes what is changed on the way to a provider, in words up to the count: `note("Empty texts are left out")`. */
export type Note = (change: string) => void;

/** What was changed on the way to a provider, a sentence a kind with how often it was done. */
export class Changes {
  readonly #counts = new Map<string, number>();

  readonly note: Note = (change) => {
    this.#counts.set(change, (this.#counts.get(change) ?? 0) + 1);
  };

  get sentences(): string[] {
    return Array.from(this.#counts, ([change, count]) => `${change}: ${count}.`);
  }
}

/** The words of changes that more than one provider makes. */
export const changed = {
  silent: "Answers that say nothing are left out",
  blank: "Blank texts of answers are left out",
  arguments: "Arguments of tool calls that are no JSON object are made one",
  noCalls: "Empty lists of tool calls are left out",
  joined: "Texts of a message are joined, a line feed between them where no blank is",
  halves: "Halves of surrogate pairs are replaced",
} as const;
