import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { OptionValues } from "./command.ts";
import { Misuse } from "./misuse.ts";
import { say, warn } from "./say.ts";
import { serveTrace } from "./view-server.ts";

/** Serves the page of a trace until it is interrupted. */
export async function run(values: OptionValues, [file, ...more]: readonly string[]): Promise<boolean> {
  if (file === undefined || more.length > 0) throw new Misuse("Name one trace: callscope view traces.jsonl.");
  const found = statSync(file, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) throw new Misuse(`${file} is no file.`);
  if (!existsSync(dirname(resolve(file)))) throw new Misuse(`There is no folder ${dirname(file)}.`);
  const viewer = await serveTrace(file, portOf(values.port));
  const { url } = viewer;
  if (values.json) say(`${JSON.stringify({ url, file: resolve(file) })}\n`);
  else say(`${url}\n`);
  if (process.stderr.isTTY) {
    warn(found === undefined ? "The file is not there yet; the page waits for it. " : "");
    warn("Ctrl-C ends it.\n");
  }
  if (values.open) openBrowser(url);
  await interrupted();
  viewer.close();
  return false;
}

function portOf(given: unknown): number {
  if (given === undefined) return 0;
  const port = Number(given);
  if (/^\d{1,5}$/.test(String(given)) && port <= 65_535) return port;
  throw new Misuse("--port takes a number up to 65535.");
}

function interrupted(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => done());
  });
}

const openers: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

function openBrowser(url: string): void {
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  const opener = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  opener.on("error", () => warn(`There is no ${command} to open a browser with: open the address by hand.\n`));
  opener.unref();
}
