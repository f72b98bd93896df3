// What is written to a file that others will read holds no key and no password. A list is never all there is: `redact`
// takes what only its owner knows.

/** Decides about one value by where it stands: gives it back, or what is written in its place. */
export type Redact = (value: unknown, path: readonly (string | number)[]) => unknown;

/** What stands where a secret stood. */
export const redacted = "[redacted]";

const secretNames =
  "(?:x-|x_)?(?:api[-_]?key|(?:proxy-)?authorization|passw(?:or)?d|passphrase|secret|client[-_]?secret|access[-_]?token|refresh[-_]?token|id[-_]?token|session[-_]?token|auth[-_]?token|private[-_]?key|secret[-_]?access[-_]?key|credentials?|set-cookie|cookie)";
const isSecretName = new RegExp(`^${secretNames}$`, "i");

// Each begins with what only such a secret begins with, so that a search is linear.
const patterns: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g, redacted],
  // OpenAI, Anthropic and all that follow them; Groq; Google; AWS; GitHub; GitLab; Slack; Hugging Face; Stripe
  [/\bsk-(?!learn)[\w-]{8,}/g, redacted],
  [/\bgsk_\w{16,}/g, redacted],
  [/\bAIza[\w-]{30,}/g, redacted],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, redacted],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|hf_|[rs]k_(?:live|test)_)[\w-]{16,}/g, redacted],
  [/\bxox[abeprs]-[\w-]{10,}/g, redacted],
  // A JSON Web Token, and what stands in an `Authorization` header.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, redacted],
  [/\b(Bearer|Basic) [\w.~+/-]{8,}=*/g, `$1 ${redacted}`],
  // Addresses: a signature or key among the parameters, a password before the host.
  [
    /([?&](?:api[-_]?key|key|(?:access_)?token|sig|signature|x-(?:amz|goog)-(?:signature|credential|security-token))=)[^&\s"'<>]+/gi,
    `$1${redacted}`,
  ],
  [/(\bhttps?:\/\/)[^\s/:@"']{1,200}:[^\s/@"']{1,200}@/g, `$1${redacted}@`],
  // JSON within a text, such as a tool's arguments.
  [new RegExp(`("${secretNames}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, "gi"), `$1${redacted}`],
];

const secretVariable = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/;
/** Shorter than this a value is a word like others. */
const shortest = 8;

/** The secrets of this process: what its environment calls a key, a token, a password. */
export function environmentSecrets(): string[] {
  const entries = Object.entries(globalThis.process?.env ?? {});
  const values = entries.flatMap(([name, value]) => (value && secretVariable.test(name) ? [value] : []));
  return values.filter((value) => value.length >= shortest).sort((left, right) => right.length - left.length);
}

/** A text without the secrets in it. */
export function scrubText(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, redacted);
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
  return clean;
}

/** A JSON value without secrets, as a copy: `redact` is asked first, for each value with the path to it. */
export function scrub(
  value: unknown,
  secrets: readonly string[],
  redact: Redact | undefined,
  path: readonly (string | number)[] = [],
): unknown {
  const given = redact === undefined ? value : redact(value, path);
  if (given !== value) return given;
  if (typeof value === "string") return scrubString(value, secrets, path.at(-1));
  if (Array.isArray(value)) return value.map((item, index) => scrub(item, secrets, redact, [...path, index]));
  if (typeof value !== "object" || value === null) return value;
  const copy = {};
  for (const [key, item] of Object.entries(value)) {
    const clean = scrub(item, secrets, redact, [...path, key]);
    Object.defineProperty(copy, key, { value: clean, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

function scrubString(text: string, secrets: readonly string[], name: string | number | undefined): string {
  // Bytes are no words.
  if (name === "$bytes") return text;
  return typeof name === "string" && text !== "" && isSecretName.test(name) ? redacted : scrubText(text, secrets);
}
