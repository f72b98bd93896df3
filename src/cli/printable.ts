// What a model or a file says may move the cursor, colour the terminal or type into it: in a terminal it is shown, not obeyed.

/** A text without signs that control a terminal; line ends and tabs stay. Each stands as its picture (`␛`). */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replaceAll("\r\n", "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, picture);
}

/** The same where a terminal reads it; what another program reads is left as it is. */
export function shownOn(stream: { readonly isTTY?: boolean | undefined }, text: string): string {
  return stream.isTTY === true ? printable(text) : text;
}

function picture(sign: string): string {
  const code = sign.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "␡" : "�";
}
