import { describe, expect, test } from "vitest";
import { classify } from "./classify.ts";
import { ConnectionError, ResponseError } from "./errors.ts";
import { typedFailure } from "./failure.ts";

// Deno and Bun are not here: these are objects of the shapes that their `fetch` throws, hand-written after their sources.

class ConnectionReset extends Error {
  override readonly name = "ConnectionReset";
}
class UnexpectedEof extends Error {
  override readonly name = "UnexpectedEof";
}
const coded = (message: string, code: string) => Object.assign(new Error(message), { code });

const broken: readonly (readonly [string, Error])[] = [
  [
    "Deno: refused",
    new TypeError(
      "error sending request for url (http://h/v1?key=sk-secret): client error (Connect): tcp connect error: Connection refused (os error 111)",
    ),
  ],
  [
    "Deno: lost before the answer",
    new TypeError(
      "error sending request for url (http://h/): client error (SendRequest): connection closed before message completed",
    ),
  ],
  [
    "Deno: lost within a body",
    new TypeError("error reading a body from connection: end of file before message length reached"),
  ],
  [
    "Deno: reset within a body",
    new TypeError("error reading a body from connection: Connection reset by peer (os error 104)"),
  ],
  [
    "Deno: a body that cannot be decoded",
    new TypeError("error decoding response body: request or response body error"),
  ],
  ["Deno: chunks cut", new TypeError("request or response body error: unexpected EOF during chunk size line")],
  ["Deno: a class of its own", new ConnectionReset("Connection reset by peer (os error 104)")],
  ["Deno: another", new UnexpectedEof("connection closed")],
  ["Bun: refused", coded("Unable to connect. Is the computer able to access the url?", "ConnectionRefused")],
  [
    "Bun: closed",
    coded(
      "The socket connection was closed unexpectedly. For more information, pass `verbose: true` in the second argument to fetch()",
      "ECONNRESET",
    ),
  ],
  ["Bun: closed, older", new Error("The socket connection was closed unexpectedly.")],
  ["Bun: no socket", coded("Was there a typo in the url or port?", "FailedToOpenSocket")],
  ["Node: an abortive end", coded("aborted", "ECONNRESET")],
  ["Node: undici", new TypeError("terminated")],
];

describe("a broken connection, whatever the runtime calls it", () => {
  test.each(broken)("[I5] %s is a ConnectionError, retryable", (_, error) => {
    const failure = typedFailure("openai", error);
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure).toMatchObject({ code: "connection", provider: "openai", cause: error });
    expect((failure as Error).message).not.toContain("sk-secret");
    const view = { kind: "connection", status: undefined, retryAfterMs: undefined, retryable: true };
    for (const each of [failure, error, new ResponseError("x", "m", undefined, { cause: error })]) {
      expect(classify(each)).toEqual(view);
    }
  });

  // What an SDK made of it stays its own: it only has to be understood.
  test.each(broken)("[I5] so it is beneath an error of an SDK: %s", (_, error) => {
    class APIConnectionishError extends Error {}
    const wrapped = new APIConnectionishError("request ended without a message", { cause: error });
    expect(typedFailure("anthropic", wrapped)).toBe(wrapped);
    expect(classify(wrapped).kind).toBe("connection");
  });

  test.each([
    new Error("aborted"),
    new Error("terminated"),
    new Error("fetch failed"),
    new Error("connection error in the customer's own database"),
    Object.assign(new Error("of somebody else"), { code: "E_OWN" }),
  ])("[I5] an error of the caller's own is left alone: %s", (error) => {
    expect(typedFailure("openai", error)).toBe(error);
    expect(classify(error).kind).toBe("unknown");
  });

  test("[I5] so is one whose text is all that an SDK kept", () => {
    class CohereishError extends Error {
      override readonly name = "CohereError";
    }
    for (const [, { message }] of broken.slice(0, 6))
      expect(classify(new CohereishError(message)).kind).toBe("connection");
  });

  test("[I5] a TypeError of another kind is still a body that cannot be read", () => {
    expect(typedFailure("openai", new TypeError("Cannot read properties of null"))).toBeInstanceOf(ResponseError);
  });
});
