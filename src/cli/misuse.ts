/** What a command's exit code says. */
export const exitCodes = { fine: 0, findings: 1, misuse: 2 } as const;

/** The command cannot be run as it was written; the message says what to write. */
export class Misuse extends Error {
  override readonly name = "Misuse";
}

/** The forms of an answer exclude each other. */
export function checkForms({ json, github }: { readonly json?: unknown; readonly github?: unknown }): void {
  if (json && github) throw new Misuse("--json and --github exclude each other.");
}
