import { basename } from "node:path";
import type { OutputBundle } from "rolldown";

/**
 * Takes out two kinds of files of a build, each of which would be one more to load: those that only hand on what another
 * has, as rolldown makes one for a module that is imported later, and the few lines that make an object of a module's
 * names. Besides, rolldown itself, of an application, keeps imports that nothing needs where two such files lead to one.
 */
export function joinFiles(bundle: OutputBundle): void {
  const chunks = Object.values(bundle).filter((output) => output.type === "chunk");
  const gone = new Map<string, (code: string) => string>();
  for (const { fileName, code, isEntry } of chunks) {
    const name = basename(fileName);
    if (isEntry || name === fileName) continue;
    const handed = /^export \{ ([^}]*) \} from "\.\/([^"]*)";\s*$/.exec(code);
    if (handed !== null) gone.set(fileName, (user) => importStraight(user, name, handed[2] ?? "", handed[1] ?? ""));
    else if (name.startsWith("rolldown-runtime-")) gone.set(fileName, (user) => holdRuntime(user, name, code));
  }
  for (const fileName of gone.keys()) delete bundle[fileName];
  for (const chunk of chunks) {
    for (const change of gone.values()) chunk.code = change(chunk.code);
    const left = [...gone.keys()].find((fileName) => chunk.code.includes(`/${basename(fileName)}"`));
    if (left !== undefined) throw new Error(`${chunk.fileName} still imports ${left}, which has no file any more.`);
  }
}

/** `import("./handing-on.js")` as what it gives: the names of the file that has them. */
function importStraight(code: string, name: string, target: string, names: string): string {
  const members = names.split(", ").map((one) => {
    const [has, gives = has] = one.split(" as ");
    return `${gives}: n.${has}`;
  });
  const pattern = new RegExp(`import\\("([^"]*/)${name.replaceAll(".", "\\.")}"\\)`, "g");
  return code.replace(pattern, (_, folder) => `import("${folder}${target}").then((n) => ({ ${members.join(", ")} }))`);
}

/** The lines themselves in the place of their import. */
function holdRuntime(code: string, name: string, runtime: string): string {
  const [lines = "", own] = runtime.split(/export \{ (\w+) as \w+ \};\s*$/);
  const pattern = new RegExp(`^import \\{ \\w+ as (\\w+) \\} from "[^"]*/${name.replaceAll(".", "\\.")}";\n`, "m");
  return code.replace(pattern, (_, used) => (used === own ? lines : `${lines}const ${used} = ${own};\n`));
}
