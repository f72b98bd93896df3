import type * as sdk from "@mistralai/mistralai/models/components";
import type { MistralTypes } from "./provider.ts";

// What the SDK sends of a request: it validates with zod and strips every key it does not know, without a word.

/** The keys an object may have, each with those beneath it; `true` for what is sent as it is. */
type Shape = true | Keys | ((item: { readonly type?: unknown }) => Shape);
type Keys = { readonly [key: string]: Shape };
type KeysOf<T> = Record<keyof T, Shape>;

/** A key that would get lost: where it stands, and what may stand there. */
export interface StrayKey {
  readonly path: string;
  readonly accepted: readonly string[];
  /** What was probably meant: the same in camel case. */
  readonly meant: string | undefined;
}

/** The first key of a value that the SDK would strip, or `undefined`. */
export function strayKey(value: unknown, shape: Shape, path = ""): StrayKey | undefined {
  if (shape === true || typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return firstOf(value.entries(), ([index, item]) => strayKey(item, shape, `${path}[${index}]`));
  if (typeof shape === "function") return strayKey(value, shape(value), path);
  return firstOf(Object.entries(value), ([key, item]) => {
    const at = path === "" ? key : `${path}.${key}`;
    if (Object.hasOwn(shape, key)) return strayKey(item, shape[key] ?? true, at);
    if (item === undefined) return undefined;
    const camel = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return { path: at, accepted: Object.keys(shape), meant: Object.hasOwn(shape, camel) ? camel : undefined };
  });
}

function firstOf<Item>(items: Iterable<Item>, find: (item: Item) => StrayKey | undefined): StrayKey | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const chunkKeys: { readonly [Type in string]: Keys } = {
  text: { type: true, text: true } satisfies KeysOf<sdk.TextChunk>,
  image_url: { type: true, imageUrl: { url: true, detail: true } } satisfies KeysOf<sdk.ImageURLChunk>,
  document_url: { type: true, documentUrl: true, documentName: true } satisfies KeysOf<sdk.DocumentURLChunk>,
  input_audio: { type: true, inputAudio: true } satisfies KeysOf<sdk.AudioChunk>,
  file: { type: true, fileId: true } satisfies KeysOf<sdk.FileChunk>,
  reference: { type: true, referenceIds: true } satisfies KeysOf<sdk.ReferenceChunk>,
  thinking: {
    type: true,
    thinking: (item) => (Object.hasOwn(thoughtKeys, String(item.type)) ? (thoughtKeys[String(item.type)] ?? true) : true),
    signature: true,
    closed: true,
  } satisfies KeysOf<sdk.ThinkChunk>,
};
