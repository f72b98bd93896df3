import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { isCallscopeError } from "../../src/errors/errors.ts";
import { clientOf } from "../support/converse-server.ts";
import * as fault from "../support/fault-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, eventsOf, type NetworkLane, secret, serve, streamOf } from "./lane.ts";
import { bedrockLane } from "./lanes/bedrock.ts";
import { networkLanes } from "./lanes/index.ts";

const said = { text: "Hello there, you!" };

/** What credentials look like on these lanes: the key itself, or a signature made with it. */
const credentials = [secret, "Credential="];

/** Ways of failing that leave an SDK with something in its hands. */
const faults: Readonly<Record<string, (lane: NetworkLane) => fault.Handler>> = {
  "401": (lane) => lane.error(401),
  "429": (lane) => lane.error(429, { "retry-after": "1" }),
  "502 of a gateway, HTML": () => fault.html502,
  "503 of a gateway, text": () => fault.text503,
  "200 with HTML": () => fault.html200,
  "200 with nothing": () => fault.emptyBody200,
  "200 with null": () => fault.null200,
  "200 with {}": () => fault.emptyObject200,
  "200 with cut JSON": () => fault.cutJson200,
  "a body cut by the connection": () => async (answer) => {
    answer.head(200, { "content-type": "application/json", "content-length": "500" });
    await answer.write('{"id":');
    answer.cut();
  },
  "a connection that breaks": () => fault.disconnect,
  "half a stream": (lane) => fault.cleanCut(eventsOf(lane, said), 2),
  "a stream that breaks": (lane) => fault.reset(eventsOf(lane, said), 2),
  "a broken event": (lane) => fault.whole([...eventsOf(lane, said).slice(0, 2), lane.badEvent]),
  silence: () => fault.hang,
  "half a body": () => fault.headerThenStall(),
};

const overHttp1: NetworkLane = {
  ...bedrockLane,
  name: "bedrock over HTTP/1.1",
  client: (url) => clientOf(url, 1, { credentials: { accessKeyId: "AKIA", secretAccessKey: secret } }),
};

describe.each([...networkLanes, overHttp1])("$name: errors and secrets", (lane) => {
  test.each(Object.entries(faults))(
    "[G1][G8] printing the error shows no key, and JSON takes it: %s",
    async (_, handler) => {
      await using server = await serve(lane, handler(lane));
      const { client } = server;
      const runs = [
        () => ask(lane, { client }).with({ timeout: 300 })(),
        () => collect(streamOf(lane, { client }).with({ timeout: 300 })()),
      ];
      for (const run of runs) {
        // Half a stream is no fault of a call without one.
        const error = await run().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        const shown = inspect(error, { depth: 12, maxArrayLength: null, maxStringLength: null });
        const written = JSON.stringify(error) ?? "";
        for (const known of credentials) {
          expect(shown).not.toContain(known);
          expect(written).not.toContain(known);
        }
        if (isCallscopeError(error)) {
          const { name, code, message } = error;
          expect(JSON.parse(written)).toMatchObject({ name, code, message });
        }
      }
    },
  );

  test("[G1] what a foreign server wrote, the key among it, is not printed with an error of ours", async () => {
    const echo = { detail: `no such key: ${secret}`, key: secret };
    await using server = await serve(lane, fault.status(200, echo));
    const { client } = server;
    for (const run of [ask(lane, { client }), () => collect(streamOf(lane, { client })())]) {
      const error = await thrownBy(run);
      if (!isCallscopeError(error)) continue;
      expect(error.message).not.toContain(secret);
      expect(JSON.stringify(error)).not.toContain(secret);
      expect(inspect(Object.defineProperty(error, "cause", { value: undefined }), { depth: 12 })).not.toContain(secret);
    }
  });
});
