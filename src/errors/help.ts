/**
 * Where the documentation is published, with a slash at its end. The project's owner has given no address yet: as long
 * as it is empty no message has a link.
 */
export const docsAddress: string = "";

/** The page about an error, by its code; `undefined` while the documentation has no address. */
export function helpPage(code: string, address = docsAddress): string | undefined {
  return address === "" ? undefined : `${address}errors/${code}.html`;
}

/** Their messages are what somebody else said, and stay as they are: a model reads them, a replay compares them. */
const unlinked: ReadonlySet<string> = new Set(["step", "mcp_tool"]);

/** Lets the message of an error end with the link to its page. Its code is known only once it is made. */
export function linkMessage(error: Error & { readonly code: string }, address = docsAddress): void {
  if (address === "") return;
  const { message } = error;
  const get = () => (unlinked.has(error.code) ? message : `${message} ${helpPage(error.code, address)}`);
  Object.defineProperty(error, "message", { get, configurable: true });
}
