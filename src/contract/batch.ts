/** What one submission may hold at most, as the service documents it. */
export interface BatchLimits {
  readonly requests: number;
  readonly bytes: number;
  /** The fewest requests that a submission may hold, where there is such a number. */
  readonly fewest?: number;
}

/** One request of a batch. `id` has letters, digits, `_` and `-`, 64 at most. */
export interface BatchRequest<Request> {
  readonly id: string;
  readonly request: Request;
}

/** What came back for one request: the SDK's response, or the error that calling would have thrown. */
export interface BatchAnswer<Response> {
  readonly id: string;
  readonly response?: Response;
  readonly error?: unknown;
}

/** How a batch ended. */
export type BatchOutcome = "completed" | "failed" | "expired" | "cancelled";

/** How far a batch is. */
export interface BatchState {
  /** `undefined` while it is at work. */
  readonly outcome: BatchOutcome | undefined;
  /** What the service says about a batch that failed. */
  readonly message?: string | undefined;
  /** True of one that failed because too much was at work: nothing of it was asked, and the same can be handed in later. */
  readonly putOff?: boolean | undefined;
  /** The service's own word for where it is. */
  readonly status?: string | undefined;
  /** How many of its requests are over, where the service tells. */
  readonly done?: number | undefined;
}

/** A batch of the service that may be the one whose submission was not acknowledged. */
export interface BatchCandidate {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly created?: number | undefined;
  /** How many requests it holds, where the service tells. */
  readonly requests?: number | undefined;
}

/** What is looked for after a submission whose fate is not known. */
export interface LostBatch {
  readonly name: string;
  /** Epoch milliseconds, just before it was submitted. */
  readonly since: number;
  readonly ids: readonly string[];
}

/** What only some services need. */
export interface BatchSettings {
  /** Bedrock: the role by which the service reads and writes the bucket, as an ARN. */
  readonly role?: string | undefined;
  /** Bedrock: the S3 bucket that requests and results lie in, `name` or `name/folder`. */
  readonly bucket?: string | undefined;
  /** Bedrock: clients of its control plane and of S3; by default they are made with the call's region and credentials. */
  readonly clients?: { readonly bedrock?: object | undefined; readonly s3?: object | undefined } | undefined;
}

/** What crosses to the service beside the requests. */
export interface BatchSending {
  readonly signal?: AbortSignal | undefined;
}

/** A provider's batch API, loaded on first use. */
export interface Batch<Request, Response> {
  readonly limits: BatchLimits;
  /** The settings that it needs. */
  readonly needs?: readonly (keyof BatchSettings)[];
  /** The service, spoken to by the call's client. Throws `ConfigError` for a client that has no batches. */
  open(client: unknown, settings: BatchSettings): Promise<BatchService<Request, Response>>;
}

/** The same with its client. */
export interface BatchService<Request, Response> {
  /** How many bytes of the limit a request takes. Throws `ConfigError` for a request that no batch takes. */
  bytesOf(request: BatchRequest<Request>): number;
  /** Hands in the requests, once: the SDK's own retries are off for the request that makes the batch. Gives its id. */
  submit(requests: readonly BatchRequest<Request>[], name: string, sending: BatchSending): Promise<string>;
  /** The batches that may be the lost one; `sure` are those that certainly are. */
  find(lost: LostBatch, sending: BatchSending): Promise<readonly (BatchCandidate & { readonly sure: boolean })[]>;
  state(id: string, sending: BatchSending): Promise<BatchState>;
  /** The results of a batch that ended, in any order. `ids` are those of its requests in the order of submission. */
  results(id: string, ids: readonly string[], sending: BatchSending): AsyncIterable<BatchAnswer<Response>>;
  cancel(id: string, sending: BatchSending): Promise<void>;
  /** Deletes the files that were uploaded for a batch, and those of its results, as far as it can. Absent where it has none. */
  deleteFiles?(id: string, sending: BatchSending): Promise<void>;
}
