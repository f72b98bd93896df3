import type {
  BedrockRuntimeClient,
  ConverseCommandOutput,
  ConverseStreamCommandInput,
  ConverseStreamCommandOutput,
  ConverseStreamOutput,
} from "@aws-sdk/client-bedrock-runtime";
import type { SendOptions, Tell } from "../../contract/provider.ts";
import { checkClient, missingSdk } from "../../contract/sdk.ts";
import { ConfigError, ResponseError } from "../../errors/errors.ts";
import { failureOf, seenOf } from "./failure.ts";
import { toBytes } from "./media.ts";
import { noteHead } from "./stream.ts";

const packageName = "@aws-sdk/client-bedrock-runtime";

/** The AWS SDK, loaded on first use. */
export function loadBedrock(): Promise<typeof import("@aws-sdk/client-bedrock-runtime")> {
  return import("@aws-sdk/client-bedrock-runtime").catch(missingSdk(packageName, "bedrock"));
}

/** The given client, if it is one of this service: all clients of the AWS SDK look alike. */
export function checkBedrockClient(given: unknown): BedrockRuntimeClient {
  checkClient("bedrock", given, ["send"], "a BedrockRuntimeClient or a BedrockRuntime instance");
  const client = given as BedrockRuntimeClient;
  const service: unknown = client.config?.serviceId;
  if (service === undefined || service === "Bedrock Runtime") return client;
  throw new ConfigError(
    `callscope/bedrock takes a BedrockRuntimeClient or a BedrockRuntime instance as its client; the one given is a client of the service ${JSON.stringify(service)}.`,
  );
}

/** Sends a Converse request. `timeout` is the signal's affair: the SDK's own `requestTimeout` only warns. */
export async function sendConverse(
  client: BedrockRuntimeClient,
  request: ConverseStreamCommandInput,
  { signal, headers, maxRetries }: SendOptions,
  tell?: Tell,
): Promise<ConverseCommandOutput> {
  const sdk = await loadBedrock();
  const command = new sdk.ConverseCommand(withBytes(request));
  if (headers) command.middlewareStack.add(addHeaders(headers), { step: "build", name: "callscopeHeaders" });
  if (maxRetries === 0) withoutRetries(command.middlewareStack);
  try {
    const response = await client.send(command, signal && { abortSignal: signal });
    tellHead(response.$metadata, tell);
    return response;
  } catch (error) {
    throw failureOf(sdk, error, { signal, inStream: false });
  }
}

/** Sends a ConverseStream request; the first event has come when the promise is fulfilled. */
export async function sendConverseStream(
  client: BedrockRuntimeClient,
  request: ConverseStreamCommandInput,
  { signal, headers, maxRetries }: SendOptions,
  tell?: Tell,
): Promise<AsyncIterable<ConverseStreamOutput>> {
  const sdk = await loadBedrock();
  const command = new sdk.ConverseStreamCommand(withBytes(request));
  if (headers) command.middlewareStack.add(addHeaders(headers), { step: "build", name: "callscopeHeaders" });
  command.middlewareStack.add(checkType, { step: "deserialize", priority: "low", name: "callscopeContentType" });
  if (maxRetries === 0) withoutRetries(command.middlewareStack);
  try {
    const response = await client.send(command, signal && { abortSignal: signal });
    tellHead(response.$metadata, tell);
    return events(sdk, response, signal);
  } catch (error) {
    throw failureOf(sdk, error, { signal, inStream: false });
  }
}

type Sdk = Awaited<ReturnType<typeof loadBedrock>>;

async function* events(
  sdk: Sdk,
  { stream, $metadata }: ConverseStreamCommandOutput,
  signal: AbortSignal | undefined,
): AsyncGenerator<ConverseStreamOutput, undefined> {
  if (stream === undefined) return;
  let isFirst = true;
  try {
    for await (const event of stream) {
      if (isFirst) noteHead(event, $metadata);
      isFirst = false;
      yield event;
    }
  } catch (error) {
    throw failureOf(sdk, error, { signal, inStream: true });
  }
}

type Middleware = <Args extends object, Result>(
  next: (args: Args) => Promise<Result>,
) => (args: Args) => Promise<Result>;

function tellHead(metadata: { readonly requestId?: string | undefined } | undefined, tell: Tell | undefined): void {
  if (metadata?.requestId !== undefined) tell?.({ requestId: metadata.requestId });
}

/** What is used of a command's middleware; each command has types of its own. */
interface Stack {
  addRelativeTo(
    middleware: Middleware,
    options: { relation: "before" | "after"; toMiddleware: string; name: string },
  ): void;
}

/** The failure of a first try, in a form that the SDK's retry strategy knows nothing of: it looks into `cause`, too. */
class FirstFailure extends Error {
  readonly failure: unknown;

  constructor(failure: unknown) {
    super("The first try failed.");
    this.failure = failure;
  }
}

/**
 * Switches the SDK's retries off for one command; its retry strategy is the client's, which is the caller's. Inside of it
 * a failure is wrapped in an error that is none to be retried, outside the very object is thrown again.
 */
function withoutRetries(stack: Stack): void {
  const inside: Middleware = (next) => (args) =>
    next(args).catch((failure: unknown) => {
      throw new FirstFailure(failure);
    });
  const outside: Middleware = (next) => (args) =>
    next(args).catch((error: unknown) => {
      throw error instanceof FirstFailure ? error.failure : error;
    });
  stack.addRelativeTo(inside, { relation: "after", toMiddleware: "retryMiddleware", name: "callscopeFirstTry" });
  stack.addRelativeTo(outside, { relation: "before", toMiddleware: "retryMiddleware", name: "callscopeNoRetries" });
}

// Set before the request is signed, on the command and not on the caller's client.
function addHeaders(headers: NonNullable<SendOptions["headers"]>): Middleware {
  return (next) => (args) => {
    // The SDK types a request as `unknown`, since it can be of any protocol; this service's are HTTP.
    const { request } = args as { request?: { headers?: Record<string, string> } };
    for (const [name, value] of Object.entries(headers)) {
      if (request?.headers !== undefined) request.headers[name.toLowerCase()] = value;
    }
    return next(args);
  };
}

// The SDK takes the first bytes of whatever comes for the length of an event: a sign-in page or JSON under a 200 would
// allocate gigabytes, or end as an empty stream.
const checkType: Middleware = (next) => async (args) => {
  const result = await next(args);
  const { response } = result as {
    response?: { statusCode?: number; headers?: Record<string, string>; body?: unknown };
  };
  const type = response?.headers?.["content-type"] ?? "";
  if ((response?.statusCode ?? 0) >= 300 || !(type.startsWith("text/") || type.includes("json"))) return result;
  (response?.body as { destroy?: () => void } | undefined)?.destroy?.();
  throw new ResponseError("bedrock", `bedrock answered with ${type}, not with an event stream.`, seenOf(response));
};

/**
 * The request with raw bytes where the SDK wants them. A request or a message that went through JSON has them as text,
 * which the SDK would encode a second time.
 */
function withBytes(request: ConverseStreamCommandInput): ConverseStreamCommandInput {
  const { messages, system } = request;
  const revived = { messages: revive(messages), system: revive(system) };
  if (revived.messages === messages && revived.system === system) return request;
  return { ...request, ...revived };
}

// These hold data of the model's and the caller's own, in which no key means anything to the API.
const documents: readonly string[] = ["toolUse", "json"];
const binaries: readonly string[] = ["bytes", "redactedContent"];

/** @internal The same with raw bytes where the wire has base64. */
export function revive<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [key, item] of Object.entries(value)) {
    if (documents.includes(key) || item === undefined) continue;
    const revived: unknown = binaries.includes(key) ? toBytes(item) : revive(item as unknown);
    if (revived === item) continue;
    // An array's copy stays an array; what is copied is plain data.
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as unknown as Record<string, unknown>;
    copy[key] = revived;
  }
  return copy === undefined ? value : (copy as Value);
}
