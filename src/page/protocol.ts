// What the page and its worker tell each other. All of it is plain data.

/** What a line of a trace is about: a run of a tool loop, a call, one request, one execution of a tool. */
export type Kind = "run" | "call" | "request" | "tool";
export const kinds: readonly Kind[] = ["run", "call", "request", "tool"];

/** How it stands. */
export type Status = "ok" | "error" | "left" | "running";
export const statuses: readonly Status[] = ["ok", "error", "left", "running"];

/** What a run may have besides. */
export type Mark = "retried" | "cached" | "streamed";
export const marks: readonly Mark[] = ["retried", "cached", "streamed"];

/** What is asked for; what is empty asks for everything. */
export interface Filter {
  readonly text: string;
  readonly status: readonly Status[];
  readonly kind: readonly Kind[];
  /** `provider/model`. */
  readonly model: readonly string[];
  readonly tool: readonly string[];
  readonly mark: readonly Mark[];
  /** Epoch milliseconds. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** The filters that are lists of values. */
export type FacetName = "status" | "kind" | "model" | "tool" | "mark";
export const facetNames: readonly FacetName[] = ["status", "kind", "model", "tool", "mark"];

export const everything: Filter = {
  text: "",
  status: [],
  kind: [],
  model: [],
  tool: [],
  mark: [],
  from: undefined,
  to: undefined,
};

export type SortKey = "time" | "duration" | "tokens" | "cost";
export const sortKeys: readonly SortKey[] = ["time", "duration", "tokens", "cost"];

export interface Query {
  readonly filter: Filter;
  readonly sort: SortKey;
  readonly descending: boolean;
}

/** One value of a filter, and how many runs have it. */
export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

/** How many runs began in a stretch of time, and how many of them failed. */
export interface TimeBuckets {
  readonly from: number;
  /** Milliseconds. */
  readonly width: number;
  readonly counts: readonly number[];
  readonly failures: readonly number[];
}

/** What several requests come to. */
interface Figures {
  readonly requests: number;
  readonly failures: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars of what has a certain price. */
  readonly cost: number;
  /** How many of what is counted have no certain price. */
  readonly unpriced: number;
  /** Milliseconds; NaN where nothing has ended. */
  readonly median: number;
  readonly slow: number;
}

/** What the runs that were found come to. */
export interface Summary extends Figures {
  readonly runs: number;
}

/** One run in the list. */
export interface Row {
  readonly span: number;
  readonly kind: Kind;
  readonly status: Status;
  readonly start: number;
  /** Milliseconds; NaN while it goes on. */
  readonly duration: number;
  readonly model: string;
  readonly title: string;
  /** What an error was: its kind, or its name. */
  readonly failure: string;
  readonly requests: number;
  readonly tools: number;
  readonly retried: boolean;
  readonly cached: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars; NaN where nothing is known. */
  readonly cost: number;
  /** True where the cost is what is certain of it, and there may be more. */
  readonly atLeast: boolean;
}

/** One bar of a waterfall. */
export interface Bar {
  readonly span: number;
  readonly depth: number;
  readonly kind: Kind;
  readonly status: Status;
  readonly start: number;
  readonly duration: number;
  /** Milliseconds to the first event of a stream; NaN where there was none. */
  readonly first: number;
  readonly label: string;
  readonly attempt: number;
  readonly purpose: string;
  readonly failure: string;
  readonly cached: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: number;
}

/** Everything that the lines of one span say. */
export interface SpanDetail {
  readonly span: number;
  readonly kind: Kind;
  readonly start: Readonly<Record<string, unknown>>;
  readonly end: Readonly<Record<string, unknown>> | undefined;
}

/** A run's waterfall. */
export interface Waterfall {
  readonly root: number;
  readonly row: Row;
  readonly bars: readonly Bar[];
  /** How many bars there are; more than `bars` holds of a very long run. */
  readonly all: number;
}

/** What one model came to. */
export interface ModelTotal extends Figures {
  readonly model: string;
}

export type Measure = "cost" | "tokens" | "requests" | "failures";
export const measures: readonly Measure[] = ["cost", "tokens", "requests", "failures"];

/** The totals of the runs that were found: by model, and by time and model. */
export interface Totals {
  readonly models: readonly ModelTotal[];
  readonly from: number;
  /** Milliseconds of a stretch of time. */
  readonly width: number;
  readonly buckets: number;
  /** Of each measure one list a model, in the order of `models`. */
  readonly series: Readonly<Record<Measure, readonly (readonly number[])[]>>;
}

/** How far the file is read. */
export interface Progress {
  readonly read: number;
  readonly size: number;
  readonly state: "loading" | "live" | "waiting" | "broken";
  readonly lines: number;
  readonly unreadable: number;
  readonly runs: number;
}

/** `totals` of a question: milliseconds of a stretch of time, 0 for one that fits, `undefined` where nobody looks at them. */
export type ToWorker =
  | { readonly type: "open"; readonly url: string }
  | { readonly type: "query"; readonly number: number; readonly query: Query; readonly totals: number | undefined }
  | { readonly type: "rows"; readonly number: number; readonly from: number; readonly to: number }
  | { readonly type: "waterfall"; readonly root: number; readonly limit: number }
  | { readonly type: "span"; readonly span: number };

export type FromWorker =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "reset" }
  /** `changed`: the answer to a question that was asked before, since the file has grown. */
  | {
      readonly type: "found";
      readonly number: number;
      readonly changed: boolean;
      readonly count: number;
      /** How many of them came on top of what was found before. */
      readonly added: number;
      readonly searching: number;
      readonly summary: Summary;
      readonly facets: Readonly<Record<FacetName, readonly FacetValue[]>>;
      readonly time: TimeBuckets;
      readonly totals: Totals | undefined;
    }
  | { readonly type: "rows"; readonly number: number; readonly from: number; readonly rows: readonly Row[] }
  | { readonly type: "waterfall"; readonly waterfall: Waterfall | undefined }
  | { readonly type: "span"; readonly detail: SpanDetail | undefined };
