// What is used of `@azure-rest/ai-inference`, structurally: the package is not there for those who use `openai`, and
// its types would then make every type here `any`.

/** The client that the default export of `@azure-rest/ai-inference` makes. */
export interface RestClient {
  path(route: "/chat/completions"): { post(options: RestRequest): RestAnswer };
}

/** A message, as far as the adapter looks at it. */
export interface RestMessage {
  role: string;
  [key: string]: unknown;
}

/** The options of one request. */
export interface RestRequest {
  // The SDK's own types of the body name strings and open records where the chat dialect has literals.
  body: { messages: RestMessage[] };
  headers?: Record<string, string>;
  abortSignal?: AbortSignal;
}

/** An answer to await whole, or to take as a stream. */
export interface RestAnswer extends PromiseLike<RestResponse> {
  asNodeStream(): Promise<RestStream>;
  asBrowserStream?(): Promise<Omit<RestStream, "body"> & { readonly body?: ReadableStream<Uint8Array> | undefined }>;
}

/** An answer of any status: this client throws for none. */
export interface RestResponse {
  /** The HTTP status as text. */
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly request?: { readonly headers?: { get(name: string): string | undefined } };
}

/** An answer whose body is still to be read. */
export interface RestStream extends Omit<RestResponse, "body"> {
  readonly body?: (AsyncIterable<Uint8Array | string> & RestBody) | undefined;
}

/** What a stream of Node's has beside its bytes. */
export interface RestBody {
  destroy?(): unknown;
  on?(event: "error", listener: () => void): unknown;
}
