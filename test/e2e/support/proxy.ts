import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { completion, textChunks } from "../../support/chat-server.ts";
import * as fault from "../../support/fault-server.ts";
import { startChild } from "./child.ts";
import { keys, proxyConfig } from "./proxy-config.ts";
import type { Tools } from "./python.ts";

/** One request in the proxy's own log: https://docs.litellm.ai/docs/proxy/logging_spec. Times are not looked at. */
export interface LogEntry {
  readonly call_id: string;
  /** The id of the response. */
  readonly id: string;
  readonly status: "success" | "failure";
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  /** US dollars. */
  readonly response_cost: number;
  readonly model_group: string;
  readonly model_id: string;
  readonly request_tags: readonly string[];
  readonly messages: unknown;
  readonly response: unknown;
  readonly metadata: { readonly user_api_key_user_id: string | null; readonly requester_metadata: object | null };
}

/** A LiteLLM proxy before the local model behind llama.cpp's server, and before a server of faults. */
export interface ProxyServer extends AsyncDisposable {
  readonly url: string;
  /** llama.cpp's server itself. */
  readonly model: string;
  /** What the proxy asked of the server of faults. */
  readonly faults: fault.LoopbackServer;
  /** All entries of the proxy's log so far. */
  log(): Promise<LogEntry[]>;
  /** The one entry that passes, waited for: the proxy writes its log after the answer. */
  entry(find: (entry: LogEntry) => boolean): Promise<LogEntry>;
}

/** Starts it all, in ten to twenty seconds. The disposal ends every process and removes every file. */
export async function startProxy({ python, model }: Tools): Promise<ProxyServer> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "callscope-proxy-"));
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const faults = stack.use(await fault.startServer(faultHandler()));
  const server = stack.use(startChild(python, [join(import.meta.dirname, "model_server.py"), model]));
  const modelUrl = await server.until(() => /^http:\S+$/m.exec(server.output)?.[0]);
  const nobody = await fault.closedPort();
  const url = await fault.closedPort();
  const logFile = join(folder, "log.jsonl");
  await writeFile(logFile, "");
  await copyFile(join(import.meta.dirname, "proxy_hooks.py"), join(folder, "proxy_hooks.py"));
  await writeFile(join(folder, "config.yaml"), proxyConfig({ model: modelUrl, faults: faults.url, nobody }));
  const listen = ["--host", "127.0.0.1", "--port", new URL(url).port];
  const proxy = stack.use(
    startChild(
      python,
      [join(import.meta.dirname, "proxy_server.py"), "--config", join(folder, "config.yaml"), ...listen],
      {
        HOME: folder,
        E2E_LOG: logFile,
        E2E_KEYS: JSON.stringify(keys),
        // Nothing is fetched and nothing is told to anybody.
        LITELLM_LOCAL_MODEL_COST_MAP: "True",
        LITELLM_TELEMETRY: "False",
        HF_HUB_OFFLINE: "1",
      },
    ),
  );
  await proxy.until(async () => (await fetch(`${url}/health/readiness`).catch(() => undefined))?.ok || undefined);
  const log = async () => (await readFile(logFile, "utf8")).split("\n").slice(0, -1).map(parseEntry);
  const owned = stack.move();
  return {
    url,
    model: modelUrl,
    faults,
    log,
    async entry(find) {
      for (let look = 0; look < 200; look++) {
        const [found, ...others] = (await log()).filter(find);
        if (others.length > 0) throw new Error("More than one entry of the log passes.");
        if (found !== undefined) return found;
        await sleep(50);
      }
      throw new Error("The proxy did not log it.");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function parseEntry(line: string): LogEntry {
  return JSON.parse(line) as LogEntry;
}

const events = fault.sse(...textChunks("Hello", " there", "!"), "[DONE]");
const refusal = { code: "content_policy_violation", type: "invalid_request_error", message: "This was filtered." };

/** What each model group of faults gets: the first step of the path is its name. */
function faultHandler(): fault.Handler {
  let tries = 0;
  const byName: Readonly<Record<string, fault.Handler>> = {
    slow: fault.hang,
    flaky: (answer) => (tries++ === 0 ? fault.text503 : fault.status(200, completion({ content: "Hi" })))(answer),
    filter: fault.status(400, { error: refusal }),
    page: fault.html200,
    "broken-stream": fault.errorEvent(events, 2, fault.errorEvents.openai),
    "cut-stream": fault.cleanCut(events, 2),
  };
  return (answer) => {
    // LiteLLM asks every server for its models when it starts.
    if (answer.request.method === "GET") return fault.status(404)(answer);
    const name = answer.request.path.split("/")[1] ?? "";
    const handler = Object.hasOwn(byName, name) ? byName[name] : undefined;
    return (handler ?? fault.retryAfter("7", Number(name.slice("status-".length))))(answer);
  };
}
