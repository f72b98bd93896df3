/** One provider. Code is TypeScript as it stands in the example. */
export interface ProviderRow {
  /** The subpath, and the name of its namespace. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** What `npm install` is told beside `callscope`. */
  readonly package: string;
  /** The environment variables the default client is made of, as the README's table shows them. */
  readonly key: string;
  readonly model: string;
  /** Options of every call, where the provider's examples need any: a small model must not write for minutes. */
  readonly limit?: string;
  /** The SDK by itself: what it imports, and the same call by its means. */
  readonly sdk: { readonly imports: string; readonly call: string };
  /** A property that only this SDK's response has. */
  readonly own: string;
  /** Parameters only this provider has. */
  readonly params: string;
  /** The longest answer, in its own words. */
  readonly limited: string;
  /** Messages as only this provider takes them. */
  readonly native: string;
  /** A client of its SDK: what it imports, and how it is made. */
  readonly client: { readonly imports: string; readonly make: string; readonly other: string };
  /** The class of its errors, and a call that makes one. */
  readonly error: { readonly imports: string; readonly is: string; readonly model?: string; readonly words?: string };
}
