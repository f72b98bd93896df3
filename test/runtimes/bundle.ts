import { join, resolve } from "node:path";
import { type RolldownOptions, rolldown } from "rolldown";

const root = resolve(import.meta.dirname, "../..");

const made = new Map<string, Promise<string>>();

/** A program of this folder in one file, with everything it needs; what the bundler warns of is an error. Made once. */
export function bundleFor(platform: "browser" | "workerd", file: string): Promise<string> {
  const known = made.get(file) ?? bundle(platform, file);
  made.set(file, known);
  return known;
}

async function bundle(platform: "browser" | "workerd", file: string): Promise<string> {
  const options: RolldownOptions = {
    input: join(import.meta.dirname, file),
    cwd: root,
    platform: "browser",
    // An optional peer that is loaded by who reads CSV, and whose build for browsers has another name.
    external: ["csv-parse"],
    ...(platform === "workerd" && {
      resolve: { conditionNames: ["workerd", "worker", "browser", "import", "default"] },
    }),
    onLog: (level, { message }) => {
      if (level === "warn") throw new Error(message);
    },
  };
  const build = await rolldown(options);
  const { output } = await build.generate({ format: "esm", codeSplitting: false });
  await build.close();
  return output[0].code;
}
