/** A model name taken apart: what the model is, and which release of it. */
interface NameParts {
  /** Family, size and variant words (sorted: `claude-4-5-haiku` is `claude-haiku-4-5`), then the version numbers. */
  readonly model: string;
  /** The parameter count as written (`120b`), when the name has one. */
  readonly size: string | undefined;
  /** The dated or numbered release (`20251001`, `2024-07-18`, `2506`, `001`), when the name has one. */
  readonly snapshot: string | undefined;
  /** True for a preview or an experiment. */
  readonly preview: boolean;
}

/**
 * True when `requested` is the model `name`, or a snapshot or preview of it, in any provider's spelling: path and region
 * prefixes, `-v1:0`, `-latest`, dots for hyphens, word order. Another version, size or variant is another model, and so
 * is a snapshot other than the one `name` is.
 */
export function isSameModel(requested: string, name: string): boolean {
  const asked = partsOf(requested);
  const known = partsOf(name);
  if (asked.model !== known.model) return false;
  if (known.preview && !asked.preview) return false;
  return known.snapshot === undefined || known.snapshot === asked.snapshot;
}

/** True when both names give a parameter count and the two differ: no alias can make one model of them. */
export function sizesDiffer(a: string, b: string): boolean {
  const [first, second] = [partsOf(a).size, partsOf(b).size];
  return first !== undefined && second !== undefined && first !== second;
}

/** The dated or numbered release in a model name (`2506`, `2024-07-18`), or `undefined`. */
export function snapshotOf(name: string): string | undefined {
  return partsOf(name).snapshot;
}

/** The name without its path: `models/gemini-2.5-flash` and an inference profile's ARN give what follows the last slash. */
export function withoutPath(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function partsOf(name: string): NameParts {
  const tokens = bareName(name)
    .split(/[-.:@_]/)
    .filter((token) => token !== "");
  const words: string[] = [];
  const numbers: string[] = [];
  const snapshots: string[] = [];
  let preview = false;
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i] ?? "";
    const dateLength = dateAt(tokens, i);
    if (dateLength > 0) {
      snapshots.push(tokens.slice(i, i + dateLength).join("-"));
      i += dateLength - 1;
    } else if (isPreviewWord(token)) preview = true;
    else if (/^\d+$/.test(token)) numbers.push(token);
    else if (token !== "latest") words.push(token);
  }
  // `claude-opus-4-0` is `claude-opus-4`, and Bedrock's bare `:0` says nothing.
  while (numbers.at(-1) === "0") numbers.pop();
  return {
    model: `${words.sort().join(" ")} ${numbers.join(".")}`,
    size: words.find((word) => /^\d+b$/.test(word)),
    snapshot: snapshots.length === 0 ? undefined : snapshots.join(" "),
    preview,
  };
}

/**
 * The name without path, vendor, region and Bedrock or Vertex release. `global` stays: Bedrock sells global inference
 * at a price of its own. Of a fine-tuned `ft:base:organisation:name:id` the base stays.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
 */
function bareName(name: string): string {
  const lower = name.toLowerCase();
  if (lower.startsWith("ft:")) return lower.split(":", 2).join(":");
  const whole = withoutPath(lower);
  const bare = whole.replace(/^(?:[a-z-]+\.)+/, (prefix) => (prefix.startsWith("global.") ? "global." : ""));
  // Bedrock's release can lack its second number; elsewhere `-v3` is a version.
  return bare.replace(bare === whole ? /-v\d+(?::\d+$|(?=@))/ : /-v\d+(?::\d+$|$|(?=@))/, "");
}

/** How many tokens from `index` on are a snapshot's date or number; 0 for none. */
function dateAt(tokens: readonly string[], index: number): number {
  const [first = "", second = "", third = ""] = tokens.slice(index, index + 3);
  if (/^20\d{2}$/.test(first) && isTwoDigits(second) && isTwoDigits(third)) return 3;
  if (isTwoDigits(first) && /^20\d{2}$/.test(second)) return 2;
  // Month and day alone are only told from a version by what stands before them: `preview-05-20`.
  if (isTwoDigits(first) && isTwoDigits(second) && isPreviewWord(tokens[index - 1])) return 2;
  return isDateNumber(first) ? 1 : 0;
}

/** `20251001`; `2506` (year and month); `0613` (month and day); `001`. */
function isDateNumber(token: string): boolean {
  return /^(?:20\d{6}|2\d(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])|0\d{2})$/.test(token);
}

function isTwoDigits(token: string): boolean {
  return /^\d{2}$/.test(token);
}

function isPreviewWord(token: string | undefined): boolean {
  return token === "preview" || token === "exp";
}

/**
 * Where Bedrock computes the answer, as an inference profile's name begins: `us`, `eu`, `us-gov`, `global`. `undefined` for
 * the model's own name. https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
 */
export function regionOf(name: string): string | undefined {
  return /^(us-gov|us|eu|apac|ap|au|jp|ca|in|sa|me|af|mx|il|kr|global)\./.exec(withoutPath(name.toLowerCase()))?.[1];
}
