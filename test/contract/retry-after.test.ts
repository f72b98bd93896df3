import { describe, expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { status } from "../support/fault-server.ts";
import { thrownBy } from "../support/replay.ts";
import { ask, type Json, type NetworkLane, serve } from "./lane.ts";
import { networkLanes } from "./lanes/index.ts";

type Headers = Readonly<Record<string, string>>;

async function waitOf(lane: NetworkLane, headers: Headers, code = 429): Promise<number | undefined> {
  await using server = await serve(lane, lane.error(code, headers));
  return classify(await thrownBy(ask(lane, { client: server.client }))).retryAfterMs;
}

const later = (milliseconds: number) => new Date(Date.now() + milliseconds);
/** The obsolete forms that a recipient still has to take: RFC 9110, 5.6.7. */
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
function rfc850(date: Date): string {
  const [, day, month, year = "", time] = date.toUTCString().split(" ");
  return `${days[date.getUTCDay()]}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
}
function asctime(date: Date): string {
  const [weekday = "", day, month, year, time] = date.toUTCString().split(" ");
  return `${weekday.slice(0, 3)} ${month} ${day?.replace(/^0/, " ")} ${time} ${year}`;
}

const exact: readonly (readonly [Headers, number | undefined])[] = [
  [{ "retry-after": "2" }, 2000],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": "1.25" }, 1250],
  [{ "retry-after": "86400" }, 86_400_000],
  [{ "retry-after-ms": "150", "retry-after": "2" }, 150],
  [{ "x-ms-retry-after-ms": "70" }, 70],
  [{ "x-amz-retry-after": "60" }, 60],
  [{ "llm_provider-retry-after": "3" }, 3000],
  ...["-5", "NaN", "soon", "Infinity", "", "1e3", "0x10", "1,5", "9".repeat(400)].map(
    (value) => [{ "retry-after": value }, undefined] as const,
  ),
  [{ "retry-after": later(-3_600_000).toUTCString() }, undefined],
  [{ "retry-after": "-1", "x-ratelimit-reset-requests": "4s" }, 4000],
  [{ "x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s" }, 360_000],
  [{ "x-ratelimit-reset-requests": "2m59.56s" }, 179_560],
  [{ "x-ratelimit-reset-tokens": "820ms" }, 820],
  [{ "x-ratelimit-reset-requests": "26" }, 26_000],
  [{ "ratelimitbysize-reset": "17" }, 17_000],
  [{ "llm_provider-x-ratelimit-reset-tokens": "1h0m1s" }, 3_601_000],
  [{ "x-ratelimit-reset-requests": "-3s", "x-ratelimit-reset-tokens": "later" }, undefined],
  // The limit that is used up counts.
  [
    {
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "5s",
      "x-ratelimit-remaining-tokens": "9000",
      "x-ratelimit-reset-tokens": "6m0s",
    },
    5000,
  ],
];

describe.each(networkLanes)("$name: how long to wait", (lane) => {
  const shown = (wait: number | undefined) => (lane.traits.retryAfter ? wait : undefined);

  test.each(exact)("[E] %j asks for %s ms", async (headers, wait) => {
    expect(await waitOf(lane, headers)).toBe(shown(wait));
  });

  test.runIf(lane.traits.retryAfter)("[E] a date is counted from now, in all its forms", async () => {
    const date = later(90_000);
    for (const text of [date.toUTCString(), rfc850(date), asctime(date)]) {
      const wait = await waitOf(lane, { "retry-after": text });
      expect(wait, text).toBeGreaterThan(60_000);
      expect(wait, text).toBeLessThanOrEqual(90_000);
    }
    const reset = {
      "anthropic-ratelimit-tokens-remaining": "0",
      "anthropic-ratelimit-tokens-reset": date.toISOString(),
    };
    for (const headers of [
      reset,
      { "x-ratelimit-reset": String(Math.ceil(+date / 1000)) },
      { "x-ratelimit-reset": String(+date) },
    ]) {
      const wait = await waitOf(lane, headers);
      expect(wait, JSON.stringify(headers)).toBeGreaterThan(60_000);
      expect(wait, JSON.stringify(headers)).toBeLessThanOrEqual(91_000);
    }
  });

  test("[E] when a limit begins anew says nothing of another failure", async () => {
    expect(await waitOf(lane, { "x-ratelimit-reset-requests": "6m0s" }, 500)).toBeUndefined();
  });

  test.each<[object, number | undefined]>([
    [{ retryDelay: "39s" }, 39_000],
    [{ retryDelay: "0.847s" }, 847],
    [{ retryDelay: { seconds: "2", nanos: 500_000_000 } }, 2500],
    [{ retryDelay: "-3s" }, undefined],
    [{ retryDelay: "soon" }, undefined],
    [{ retryDelay: { seconds: "soon" } }, undefined],
  ])("[E] Google's RetryInfo %j in the body", async (info, wait) => {
    // AWS names the class of an error in a header, and keeps nothing of a body but its message.
    if (lane.provider.name === "bedrock") return;
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", ...info }];
    const body = { error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "m", details } };
    await using server = await serve(lane, status(429, body));
    expect(classify(await thrownBy(ask(lane, { client: server.client }))).retryAfterMs).toBe(wait);
  });

  test.each([
    ["Rate limit reached. Please try again in 6m0s.", 360_000],
    ["Please try again in 820ms. Visit", 820],
    ["You exceeded your quota. Please retry in 26.5s.", 26_500],
    ["Please retry after 26 seconds.", 26_000],
    ["Please try again in a while.", undefined],
  ])("[E] in words alone: %s", async (message, wait) => {
    const body: Json = { message, error: { message, code: 429, status: "RESOURCE_EXHAUSTED" } };
    const headers = { "x-amzn-errortype": "ThrottlingException" };
    await using server = await serve(lane, status(429, body, headers));
    expect(classify(await thrownBy(ask(lane, { client: server.client })))).toMatchObject({ retryAfterMs: wait });
  });
});
