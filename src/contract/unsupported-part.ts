import { UnsupportedError } from "../errors/errors.ts";

/** The error for a kind of part that has no place where it stands; `hint` says what has one, as `it takes text, image`. */
export function unsupportedPart(provider: string, kind: string, where: string, hint: string): UnsupportedError {
  return new UnsupportedError(provider, kind, `${provider} takes no ${kind} part in ${where}; ${hint}.`);
}

/** The error for bytes of a media type that the provider does not take in such a part. */
export function unsupportedType(
  provider: string,
  kind: string,
  mediaType: string,
  accepted: readonly string[],
): UnsupportedError {
  const message = `${provider} takes ${kind} parts of the types ${accepted.join(", ")}; this one is ${mediaType}.`;
  return new UnsupportedError(provider, mediaType, message);
}
