/**
 * What a command's exit code says: `findings` are those of lint and lock, and rows that failed; `failed` is a call that
 * did; `stopped` is a run that ended before its end (a budget, too many failures).
 */
export const exitCodes = { fine: 0, findings: 1, misuse: 2, failed: 3, stopped: 4, interrupted: 130 } as const;

/** One of them. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The command cannot be run as it was written; the message says what to write. */
export class Misuse extends Error {
  override readonly name = "Misuse";
}

/** What was asked has failed or was interrupted: the message is all there is to say of it. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The forms of an answer exclude each other. */
export function checkForms({ json, github }: { readonly json?: unknown; readonly github?: unknown }): void {
  if (json && github) throw new Misuse("--json and --github exclude each other.");
}
