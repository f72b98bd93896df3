import { describe, expect, it } from "vitest";
import { progressBar } from "./progress-bar.ts";

function recorder(terminal: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  return { ...terminal, written, write: (text: string) => written.push(text) };
}

describe("progressBar", () => {
  it("redraws one line on a terminal and ends it when all is there", () => {
    const stream = recorder({ isTTY: true, columns: 100 });
    const bar = progressBar(stream);
    for (const received of [0, 1, 50_000_000, 100_000_000, 100_000_000]) {
      bar({ received, total: 100_000_000, source: "PyPI (pip)" });
    }
    expect(stream.written).toEqual([
      "\rFetching the model from PyPI (pip): [------------------------] 0 % of 100.0 MB\x1b[K",
      "\rFetching the model from PyPI (pip): [############------------] 50 % of 100.0 MB\x1b[K",
      "\rFetching the model from PyPI (pip): [########################] 100 % of 100.0 MB\x1b[K\n",
    ]);
  });

  it("never wraps on a narrow terminal", () => {
    const stream = recorder({ isTTY: true, columns: 30 });
    progressBar(stream)({ received: 1, total: 2, source: "Hugging Face" });
    expect(stream.written[0]).toBe("\rFetching the model from Huggi\x1b[K");
  });

  it("writes at most a line every 10 % elsewhere", () => {
    const stream = recorder({});
    const bar = progressBar(stream);
    for (let received = 0; received <= 1000; received++) bar({ received, total: 1000, source: "PyPI (pip)" });
    expect(stream.written).toHaveLength(11);
    expect(stream.written.at(-1)).toMatch(/^Fetching the model from PyPI \(pip\): .* 100 % of 0\.0 MB\n$/);
    expect(stream.written.join("")).not.toContain("\r");
  });

  it("writes a line every 10 MB while the total is unknown, and one when the source changes", () => {
    const stream = recorder({});
    const bar = progressBar(stream);
    for (let received = 0; received <= 25_000_000; received += 1_000_000) {
      bar({ received, total: undefined, source: "PyPI (pip)" });
    }
    bar({ received: 25_000_000, total: undefined, source: "Hugging Face" });
    expect(stream.written.map((line) => line.slice(24))).toEqual([
      "PyPI (pip): 0.0 MB\n",
      "PyPI (pip): 10.0 MB\n",
      "PyPI (pip): 20.0 MB\n",
      "Hugging Face: 25.0 MB\n",
    ]);
  });

  it("does not stumble over an empty file", () => {
    const stream = recorder({ isTTY: true });
    progressBar(stream)({ received: 0, total: 0, source: "x" });
    expect(stream.written[0]).toContain("100 %");
  });
});
