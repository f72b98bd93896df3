// The only place that writes: the command's answer to the one stream, what is wrong with the question to the other.

/** Writes to the standard output. */
export function say(text: string): void {
  process.stdout.write(text);
}

/** Writes to the standard error. */
export function warn(text: string): void {
  process.stderr.write(text);
}
