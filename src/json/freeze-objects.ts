/**
 * Plain data with all its objects frozen, so that many requests can share it. Its arrays are not: with a frozen one in it,
 * V8 writes a whole request as JSON by its slow way, which takes it four times as long.
 */
export function freezeObjects<Data>(data: Data): Data {
  if (typeof data !== "object" || data === null || Object.isFrozen(data)) return data;
  for (const child of Object.values(data)) freezeObjects(child);
  return Array.isArray(data) ? data : Object.freeze(data);
}
