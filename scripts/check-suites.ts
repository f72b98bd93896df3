import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";

// A sample application's suites, in vitest, jest and node:test, on the package as it was installed into `folder`, in processes
// that the operating system gives no network.
const root = resolve(import.meta.dirname, "..");
const jest = "30.5.2";

/** Runs them. `install` adds packages to the folder. Throws where one does not pass. */
export function checkSuites(folder: string, vitest: string, install: (...packages: string[]) => void): void {
  install(`vitest@${vitest}`, `jest@${jest}`, `@jest/globals@${jest}`);
  cpSync(join(root, "test/testing/sample"), join(folder, "sample"), { recursive: true });
  cpSync(join(root, "examples/testing/suite"), join(folder, "suite"), {
    recursive: true,
    filter: (path) => !/provider|tiny/.test(path),
  });
  const config = {
    rootDir: "sample",
    testMatch: ["**/*.jest.mjs"],
    moduleFileExtensions: ["mjs", "js"],
    transform: {},
  };
  writeFileSync(join(folder, "jest.json"), JSON.stringify(config));
  const prefix = networkless();
  const suite = (name: string, ...args: string[]) => {
    const [command = "node", ...more] = [...prefix, "node", ...args];
    const { status, stdout, stderr } = spawnSync(command, more, { cwd: folder, encoding: "utf8" });
    const said = stripVTControlCharacters(`${stdout}${stderr}`);
    if (status !== 0 || !/\b2 passed|# pass 2\b|ℹ pass 2\b/.test(said)) {
      throw new Error(`The sample's suite in ${name} ended with ${status}: ${said}`);
    }
  };
  suite("vitest", "node_modules/vitest/vitest.mjs", "run", "--root", "suite");
  suite("jest", "--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--config", "jest.json");
  suite("node:test", "--test", "sample/books.node.mjs");
}

/** What a command is begun with to have no network, not even loopback; nothing where this system does not allow that. */
function networkless(): string[] {
  const prefix = ["unshare", "--map-root-user", "--net"];
  const connect = `require("node:net").connect(9, "127.0.0.1").once("error", ({ code }) => console.log(code))`;
  try {
    const code = execFileSync("unshare", [...prefix.slice(1), "node", "-e", connect], {
      encoding: "utf8",
      stdio: "pipe",
    });
    if (code.trim() === "ENETUNREACH") return prefix;
  } catch {
    // Said below.
  }
  console.log("This system refuses no process the network: the sample's suites run with it.");
  return [];
}
