import { ConfigError } from "../errors/errors.ts";

// RFC 9110, 5.1 and 5.5; beyond Latin-1 no client can send a character.
const nameForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const valueForm = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Checks the headers of a call. The SDKs differ here: some throw bare errors that show the value, some send a broken header
 * or none. Throws `ConfigError`, which names the header and never its value.
 */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!nameForm.test(name)) {
      throw new ConfigError(
        `${JSON.stringify(name)} cannot be the name of a header: it takes letters, digits and a few signs.`,
      );
    }
    if (typeof value === "string" && valueForm.test(value)) continue;
    const reason =
      typeof value === "string" ? "a line break, or a character beyond Latin-1" : `a ${typeof value}, not a string`;
    throw new ConfigError(`The header "${name}" holds what HTTP does not allow: ${reason}.`);
  }
}
