import { conformance } from "callscope/testing";
import { call } from "./suite/tiny.ts";
import { subject } from "./suite/tiny-server.ts";

// A provider of one's own (suite/tiny.ts) is used like any other …
const recommendBook = call("tiny-1", (genre: string) => `Recommend a ${genre} book`);
const { request } = await recommendBook.prepare("fantasy");
console.log(request);

// … and the contract's checks run without a runner, too: each throws where the provider does not conform.
const checks = conformance(subject);
for (const { name, run } of checks) {
  await run().catch((cause) => {
    throw new Error(`tiny does not conform: ${name}`, { cause });
  });
}
console.log(checks.length > 20 ? "tiny conforms" : "few checks");
