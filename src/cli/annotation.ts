/** What GitHub shows at a line of a pull request. */
export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly message: string;
}

/**
 * The command that makes it of a line of a job's output.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 */
export function toAnnotation({ level, file, line, title, message }: Annotation): string {
  const place = `file=${property(file)},line=${line},title=${property(title)}`;
  return `::${level} ${place}::${data(message)}\n`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
