/** An environment variable; `undefined` where it is not set, and in a runtime without an environment, as a browser is. */
export function environmentValue(name: string): string | undefined {
  return globalThis.process?.env?.[name];
}
