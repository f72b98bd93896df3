import { type Annotation, toAnnotation } from "./annotation.ts";
import { sourceLine } from "./source-line.ts";

/** What `lint` found. Errors and warnings count; a note tells what happens anyway. */
export interface Finding {
  readonly level: "error" | "warning" | "note";
  readonly rule: "prompt" | "schema" | "tool" | "model" | "price" | "parameter";
  /** The provider it is about. */
  readonly provider: string;
  /** A property of a schema, a parameter. */
  readonly place?: string;
  readonly message: string;
  /** Who documents it. */
  readonly source?: string;
}

/** The same at its place in the code, of all providers that it is true of. */
export interface PlacedFinding extends Omit<Finding, "provider"> {
  readonly providers: readonly string[];
  readonly call: string;
  readonly file: string;
  readonly line: number;
}

/** Where it is: the line of the property that it names, else that of the call. */
export function placed({ provider, ...finding }: Finding, { name, exported, file }: Where): PlacedFinding {
  const property = finding.place?.split(".").findLast((name) => name !== "[]" && name !== "*");
  return { ...finding, providers: [provider], call: name, file, line: sourceLine(file, exported, property) };
}

/** What is the same of several providers, or samples, said once. */
export function merged(findings: readonly PlacedFinding[]): PlacedFinding[] {
  const found = new Map<string, PlacedFinding>();
  for (const finding of findings) {
    const key = JSON.stringify({ ...finding, providers: [] });
    const providers = new Set([...(found.get(key)?.providers ?? []), ...finding.providers]);
    found.set(key, { ...finding, providers: [...providers] });
  }
  return [...found.values()];
}

interface Where {
  readonly name: string;
  readonly exported: string;
  readonly file: string;
}

/** One line, the place in the code first. */
export function findingText({ level, rule, providers, call, file, line, message, source }: PlacedFinding): string {
  const by = source === undefined ? "" : ` (${source})`;
  return `${file}:${line}: ${level}: ${call}, ${rule}, ${providers.join(" ")}: ${message}${by}\n`;
}

const levels = { error: "error", warning: "warning", note: "notice" } as const satisfies Record<
  Finding["level"],
  Annotation["level"]
>;

/** The same as GitHub shows it. */
export function findingAnnotation({
  level,
  rule,
  providers,
  call,
  file,
  line,
  message,
  source,
}: PlacedFinding): string {
  const by = source === undefined ? "" : ` (${source})`;
  return toAnnotation({
    level: levels[level],
    file,
    line,
    title: `${call}, ${rule}, ${providers.join(" ")}`,
    message: `${message}${by}`,
  });
}
