import type { ProviderRow } from "./example-row.ts";

// What the sections of the examples share.

/** `call(model, options, prompt)` or `call(model, prompt)`, whichever the provider's examples need. */
export const bound = ({ name, model, limit }: ProviderRow, prompt: string): string =>
  `${name}.call("${model}", ${limit === undefined ? "" : `${limit}, `}${prompt})`;

/** `call(model, options)(prompt)`. */
export const curried = ({ name, model, limit }: ProviderRow, prompt: string): string =>
  `${name}.call("${model}"${limit === undefined ? "" : `, ${limit}`})(${prompt})`;

/** The import of the provider's subpath. */
export const own = (row: ProviderRow): string => `import { ${row.name} } from "callscope/${row.name}";`;

/** The limit of the provider's examples beside another option. */
export const beside = ({ limit }: ProviderRow, option: string): string =>
  limit === undefined ? `{ ${option} }` : `{ ${option}, ${limit.slice(1, -1).trim()} }`;
