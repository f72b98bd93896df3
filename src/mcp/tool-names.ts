import { createHash } from "node:crypto";

const mostLetters = 64;

/**
 * Names that every provider takes for the names of a server's tools, which may have points, slashes and 128 letters: other
 * characters become `_`, and what is too long, or would be the same as another, ends in eight letters of its own hash. The
 * same name becomes the same one whatever stands beside it, unless two collide: then both have their hash.
 */
export function providerNames(names: readonly string[], prefix: string): string[] {
  const plain = names.map((name) => `${prefix === "" ? "" : `${prefix}_`}${name}`.replace(/[^a-zA-Z0-9_-]/g, "_"));
  const times = new Map<string, number>();
  for (const name of plain) times.set(name, (times.get(name) ?? 0) + 1);
  return plain.map((name, index) => {
    if (name !== "" && name.length <= mostLetters && times.get(name) === 1) return name;
    const hash = createHash("sha256")
      .update(names[index] ?? "")
      .digest("hex")
      .slice(0, 8);
    return `${name.slice(0, mostLetters - 9)}_${hash}`;
  });
}
