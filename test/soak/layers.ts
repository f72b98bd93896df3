import { faultsOf, soakLayers } from "../support/layer-soak.ts";

// 50,000 calls and 2,000 streams through retry, limit, budget and cache, on a service that fails at random.
const [calls, streams] = [50_000, 2_000];
const figures = await soakLayers(calls, streams, Date.now());
const faults = faultsOf(figures, calls + streams);
console.log(JSON.stringify(figures));
for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
