import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { clientOf } from "../support/converse-server.ts";
import { thrownBy } from "../support/replay.ts";
import { ask, type NetworkLane, serve } from "./lane.ts";
import { bedrockLane } from "./lanes/bedrock.ts";
import { networkLanes } from "./lanes/index.ts";

const overHttp1: NetworkLane = { ...bedrockLane, name: "bedrock over HTTP/1.1", client: (url) => clientOf(url, 1) };

// Over HTTP/2 neither the AWS SDK nor Node's stream tells a broken connection from the end of the body in time.
const telling = [...networkLanes.filter((lane) => lane !== bedrockLane), overHttp1];

describe.each(telling)("$name: a body that is cut", (lane) => {
  test.each(["cut", "reset"] as const)(
    "[G10] by the connection (%s) is a broken connection, retryable",
    async (how) => {
      await using server = await serve(lane, async (answer) => {
        answer.head(200, { "content-type": "application/json", "content-length": "500" });
        await answer.write('{"id":"x","choices":[');
        // What was written is to arrive before a reset does.
        await delay(25);
        answer[how]();
      });
      const error = await thrownBy(ask(lane, { client: server.client }));
      expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
    },
  );

  test("[G10] by the service, which says that it is whole, is malformed", async () => {
    await using server = await serve(lane, (answer) => {
      answer.send(200, { "content-type": "application/json" }, '{"id":"x","choices":[');
    });
    const error = await thrownBy(ask(lane, { client: server.client }));
    expect(classify(error)).toMatchObject({ kind: "malformed", retryable: false });
  });
});
