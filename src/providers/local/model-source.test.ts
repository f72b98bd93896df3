import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Answer,
  content,
  cutAt,
  file,
  hangAt,
  type ModelServer,
  sendBytes,
  serve,
  startModelServer,
  trickle,
  untilSize,
} from "../../../test/support/model-server.ts";
import type { ModelProgress } from "./model-file.ts";
import { huggingFace, webSource } from "./model-source.ts";

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(() => server.stop());

const part = () => join(server.folder, `${file.fileName}.part`);

/** What the only source said. */
async function failure(promise: Promise<string>): Promise<string> {
  const error: Error = await promise.then(
    () => expect.unreachable(),
    (error) => error,
  );
  return (error.cause as AggregateError).errors[0].message;
}

describe("webSource", () => {
  it("gives the file, with progress that only grows", async () => {
    const progress: ModelProgress[] = [];
    const path = await server.find({ onProgress: (step) => progress.push(step) });
    expect(await server.isWhole(path)).toBe(true);
    const received = progress.map((step) => step.received);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toEqual({ received: file.bytes, total: file.bytes, source: "the server" });
    expect(server.ranges).toEqual([undefined]);
  });

  it("goes on where the line was cut", async () => {
    server.answers.push(cutAt(100_000), sendBytes(503, "busy"), cutAt(200_000));
    expect(await server.isWhole(await server.find())).toBe(true);
    expect(server.ranges).toEqual([undefined, "bytes=100000-", "bytes=100000-", "bytes=200000-"]);
  });

  it("goes on where the server fell silent", async () => {
    server.answers.push(hangAt(100_000));
    const sources = [webSource("the server", () => server.url, { answer: 5000, silence: 500 })];
    expect(await server.isWhole(await server.find({ sources }))).toBe(true);
    expect(server.ranges).toEqual([undefined, "bytes=100000-"]);
  });

  it("has patience with a server that is slow but never silent", async () => {
    server.answers.push(trickle(1200));
    const sources = [webSource("the server", () => server.url, { answer: 5000, silence: 700 })];
    expect(await server.isWhole(await server.find({ sources }))).toBe(true);
    expect(server.ranges).toEqual([undefined]);
  });

  it("goes on with a server that only sends from the start", async () => {
    server.answers.push(cutAt(100_000), (request, response) => serve(request, response, 0));
    expect(await server.isWhole(await server.find())).toBe(true);
    expect(server.ranges).toEqual([undefined, "bytes=100000-"]);
  });

  it("goes on where an earlier run was aborted, and that one rejected with the reason", async () => {
    server.answers.push(hangAt(100_000));
    const [reason, stop] = [new Error("enough"), new AbortController()];
    const found = server.find({ signal: stop.signal });
    untilSize(part(), 100_000).then(() => stop.abort(reason));
    await expect(found).rejects.toBe(reason);
    expect(await readdir(server.folder)).toEqual([`${file.fileName}.part`]);
    expect(await server.isWhole(await server.find())).toBe(true);
    expect(server.ranges).toEqual([undefined, "bytes=100000-"]);
  });

  it("begins anew when what an earlier run left is bad", async () => {
    await writeFile(part(), Buffer.alloc(5000));
    expect(await server.isWhole(await server.find())).toBe(true);
    expect(server.ranges).toEqual(["bytes=5000-", undefined]);
  });

  it("begins anew when what an earlier run left is too long", async () => {
    await writeFile(part(), Buffer.alloc(file.bytes + 1));
    expect(await server.isWhole(await server.find())).toBe(true);
    expect(server.ranges).toEqual([undefined]);
  });

  it("gives up a server that does not answer in time", async () => {
    server.answers.push(() => {});
    const sources = [webSource("the server", () => server.url, { answer: 100, silence: 5000 })];
    expect(await failure(server.find({ sources }))).toBe("the server: no answer within 0.1 s");
    expect(server.ranges).toHaveLength(1);
  });

  it("refuses what cannot be the file", async () => {
    server.answers.push(sendBytes(404, "no such file"), sendBytes(200, "<html>Please log in</html>"));
    expect(await failure(server.find())).toBe("the server: answered with HTTP status 404");
    expect(await failure(server.find())).toBe("the server: answered 26 bytes, not 300000");
    await writeFile(part(), content.subarray(0, 5000));
    server.answers.push((_request, response) => {
      response.writeHead(206, { "content-range": `bytes 0-${file.bytes - 1}/${file.bytes}` }).end(content);
    });
    expect(await failure(server.find())).toBe('the server: answered with another range: "bytes 0-299999/300000"');
  });

  it("keeps no wrong bytes, however many come", async () => {
    server.answers.push(sendBytes(200, Buffer.alloc(file.bytes)), (_request, response) => {
      response.write(content);
      response.end("more");
    });
    expect(await failure(server.find())).toMatch(/^the server: sent bytes with the checksum [0-9a-f]{64}, not /);
    expect(await failure(server.find())).toBe("the server: sent more than the 300000 bytes of the file");
    expect(await readdir(server.folder)).toEqual([]);
  });
});

describe("huggingFace", () => {
  it("asks for one exact commit, at the mirror that HF_ENDPOINT names", async () => {
    const asked: (string | undefined)[] = [];
    const note: Answer = (request, response) => {
      asked.push(request.url);
      response.writeHead(503).end();
    };
    server.answers.push(note, note);
    const { origin } = new URL(server.url);
    for (const HF_ENDPOINT of [`${origin}/hub`, `${origin}/hub/`]) {
      await failure(server.find({ sources: [huggingFace], environment: { HF_ENDPOINT } }));
    }
    const path = expect.stringMatching(/^\/hub\/QuantFactory\/[\w.-]+\/resolve\/[0-9a-f]{40}\/[\w.-]+\.Q4_1\.gguf$/);
    expect(asked).toEqual([path, path]);
  });
});
