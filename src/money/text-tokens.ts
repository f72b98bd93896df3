// What the byte-pair vocabularies of today's models come to, by script: tokens for each letter, measured on the texts of
// the test beside this file with o200k_base. Older vocabularies take up to half as much again for what is not Latin.
const scripts: readonly (readonly [last: number, tokens: number])[] = [
  [0x024f, 0.55], // Latin with marks
  [0x036f, 0.5], // modifiers and combining marks
  [0x03ff, 0.5], // Greek
  [0x052f, 0.31], // Cyrillic
  [0x058f, 0.45], // Armenian
  [0x05ff, 0.4], // Hebrew
  [0x06ff, 0.4], // Arabic
  [0x08ff, 0.4],
  [0x0dff, 0.36], // the scripts of India
  [0x0eff, 0.35], // Thai, Lao
  [0x10ff, 0.45], // Georgian, Burmese, Tibetan
  [0x11ff, 0.6],
  [0x1fff, 0.5], // Latin with marks, Greek with marks
  [0x2fff, 0.8], // signs
  [0x303f, 0.8], // punctuation of East Asia
  [0x30ff, 0.7], // kana
  [0xabff, 0.75], // Han
  [0xd7ff, 0.72], // Hangul
  [0xffff, 0.8],
  [0x10ffff, 1.5], // pictures, rare signs
];

// A word up to this length is mostly one token, with the blank before it.
const wordLength = 6.5;

/** About how many tokens a text is: an estimate, good to about a third in the languages and forms that were measured. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (let i = 0; i < text.length; ) {
    const code = text.codePointAt(i) ?? 0;
    if (code < 0x80) {
      const end = endOfRun(text, i);
      tokens += tokensOf(code, end - i);
      i = end;
    } else {
      tokens += scripts.find(([last]) => code <= last)?.[1] ?? 1;
      i += code > 0xffff ? 2 : 1;
    }
  }
  return Math.ceil(tokens);
}

type Kind = "letter" | "digit" | "blank" | "sign";

function kindOf(code: number): Kind {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return "letter";
  if (code >= 48 && code <= 57) return "digit";
  return code <= 32 ? "blank" : "sign";
}

function endOfRun(text: string, start: number): number {
  const kind = kindOf(text.charCodeAt(start));
  let end = start + 1;
  // A capital in the middle begins a word, as in `mergeCounts`.
  while (end < text.length && text.charCodeAt(end) < 0x80 && kindOf(text.charCodeAt(end)) === kind) {
    if (kind === "letter" && isCapital(text, end) && !isCapital(text, end - 1)) break;
    end++;
  }
  return end;
}

function isCapital(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 65 && code <= 90;
}

function tokensOf(code: number, length: number): number {
  switch (kindOf(code)) {
    case "letter":
      return length <= wordLength ? 1 : length / wordLength;
    case "digit":
      return Math.ceil(length / 3);
    case "blank":
      // One blank belongs to the word after it; a line's end, or an indent, is a token.
      return length === 1 && code === 32 ? 0 : Math.max(0.75, length / 24);
    default:
      return length === 1 ? 0.75 : Math.max(1, length / 2.5);
  }
}
