import { createHash } from "node:crypto";
import { isBytes } from "../json/plain.ts";

// Whose value is a secret and not a number of tokens.
const secret =
  /^(?:.*[-_])?(?:api[-_]?key|authorization|secret|secret[-_]?access[-_]?key|password|(?:access|session|auth|bearer)[-_]?token|credentials?)$/i;
const longest = 1000;

/** A value as JSON for a file that people read and commit: long data by its digest, what is a secret by its name left out. */
export function safeText(value: unknown, indent?: number): string {
  const seen: unknown[] = [];
  const text = JSON.stringify(
    value,
    function replace(this: Record<string, unknown>, key: string, item: unknown) {
      const original = this[key];
      while (seen.length > 0 && seen.at(-1) !== this) seen.pop();
      if (secret.test(key) && typeof item === "string") return "(left out)";
      if (isBytes(original)) return digest(original instanceof ArrayBuffer ? new Uint8Array(original) : original);
      if (typeof item === "string") return item.length > longest && !/\s/.test(item) ? digest(item) : item;
      if (typeof item === "bigint") return `${item}n`;
      if (typeof item === "function") return "(a function)";
      if (typeof item !== "object" || item === null) return item;
      if (seen.includes(item)) return "(a circle)";
      seen.push(item);
      return item;
    },
    indent,
  );
  return text ?? "undefined";
}

function digest(data: string | Uint8Array): string {
  return `(${data.length} of data, sha256 ${createHash("sha256").update(data).digest("hex").slice(0, 16)})`;
}
