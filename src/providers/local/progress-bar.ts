/** How far the fetching of a model is. `source` says from where; `total` is `undefined` while it is not known. Bytes. */
export interface ModelProgress {
  readonly received: number;
  readonly total: number | undefined;
  readonly source: string;
}

/** What {@link progressBar} needs of a stream; `process.stdout` and `process.stderr` fit. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const barWidth = 24;

/**
 * An `onProgress` for programs: one line that redraws itself on a terminal, and elsewhere (a log, CI) a line every 10 %,
 * or every 10 MB as long as the total is not known.
 */
export function progressBar(stream: ProgressStream): (progress: ModelProgress) => void {
  let shown = "";
  return (progress) => {
    const { received, total, source } = progress;
    const line = `Fetching the model from ${source}: ${describe(progress)}`;
    const step = total === undefined ? received / 10_000_000 : (10 * received) / total;
    const state = stream.isTTY ? line : `${source} ${total} ${Math.floor(step)}`;
    if (state === shown) return;
    shown = state;
    if (!stream.isTTY) {
      stream.write(`${line}\n`);
      return;
    }
    const end = total !== undefined && received >= total ? "\n" : "";
    stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}\x1b[K${end}`);
  };
}

function describe({ received, total }: ModelProgress): string {
  if (total === undefined) return `${megabytes(received)} MB`;
  const part = total === 0 ? 1 : Math.min(1, received / total);
  const bar = "#".repeat(Math.floor(part * barWidth)).padEnd(barWidth, "-");
  return `[${bar}] ${Math.floor(part * 100)} % of ${megabytes(total)} MB`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
