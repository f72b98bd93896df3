/** The SHA-256 of a text, in hexadecimal digits. */
export async function hashOf(text: string): Promise<string> {
  // Not waited for where the runtime can do without: who asks first is first.
  const node = globalThis.process?.getBuiltinModule?.("node:crypto");
  if (node !== undefined) return node.createHash("sha256").update(text).digest("hex");
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
