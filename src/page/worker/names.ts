/** Numbers for names, so that a column of them is a column of numbers. */
export class Names {
  readonly list: string[] = [""];
  readonly #numbers = new Map<string, number>([["", 0]]);

  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.list.length);
    return this.list.push(name) - 1;
  }

  /** `undefined` for a name that nothing has. */
  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  name(number: number | undefined): string {
    return this.list[number ?? 0] ?? "";
  }
}
