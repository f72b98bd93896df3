import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test, vi } from "vitest";

const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);

afterEach(() => vi.unstubAllGlobals());

describe.each(["with Node's buffers", "without them"])("base64 %s", (which) => {
  const load = async () => {
    vi.resetModules();
    if (which === "without them") vi.stubGlobal("process", undefined);
    return import("./base64.ts");
  };

  test("[F7] goes there and back, in pieces too", async () => {
    const { fromBase64, joinBase64, latin1, toBase64 } = await load();
    for (const length of [0, 1, 2, 3, 4, 255, 70_000]) {
      const some = bytes.subarray(0, length);
      const text = toBase64(some);
      expect(text).toBe(Buffer.from(some).toString("base64"));
      expect(fromBase64(text)).toEqual(new Uint8Array(some));
    }
    expect(toBase64(bytes.buffer.slice(0, 3))).toBe(Buffer.from(bytes.subarray(0, 3)).toString("base64"));
    expect(joinBase64(["QQ==", "Qg==", "QUI="])).toBe("QUJBQg==");
    expect(fromBase64("Q-Q_\nQQ=")).toEqual(new Uint8Array(Buffer.from("Q-Q_\nQQ=", "base64")));
    expect(latin1(Uint8Array.of(65, 255))).toBe("A\xff");
  });
});

test("[F7] bytes of another realm are bytes", async () => {
  const { toBase64 } = await import("./base64.ts");
  expect(toBase64(runInNewContext("new Uint8Array([1, 2, 250])"))).toBe("AQL6");
});
