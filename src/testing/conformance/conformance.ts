import type { ProviderTypes } from "../../contract/provider.ts";
import { describe } from "../../errors/describe.ts";
import { ConfigError } from "../../errors/errors.ts";
import { unknownKey } from "../../errors/known-keys.ts";
import { within } from "../../send/scope.ts";
import { answerChecks } from "./answer-checks.ts";
import { failureChecks } from "./failure-checks.ts";
import { requestChecks } from "./request-checks.ts";
import { onStage } from "./stage.ts";
import { structuredChecks } from "./structured-checks.ts";
import { toolChecks } from "./tool-checks.ts";
import type { ConformanceCheck, ConformanceSubject } from "./types.ts";

const checks = [...answerChecks, ...requestChecks, ...toolChecks, ...structuredChecks, ...failureChecks];

/**
 * The contract of a provider as tests, for a provider of your own: `for (const { name, run } of conformance({ … }))
 * test(name, run)` in any runner. Each check starts a server by `serve` and ends it. What `traits` leave out is checked to
 * be refused. Throws `ConfigError` for a subject that is none.
 */
export function conformance<P extends ProviderTypes>(subject: ConformanceSubject<P>): readonly ConformanceCheck[] {
  checkSubject(subject);
  const { model, traits = {} } = subject;
  return checks
    .filter(({ needs }) => needs === undefined || needs(traits))
    .map(({ name, steps, run }) => ({ name, run: () => outside(() => onStage(subject, steps(model), run)) }));
}

// What stands around the tests of a suite (no requests, a client) is not for a provider that is tested on its own server.
const outside = (work: () => Promise<void>) =>
  within({ layers: null, signal: null, timeout: null, deadline: null, idleTimeout: null, headers: null }, work);

function checkSubject(subject: unknown): void {
  const shape = "conformance() takes { provider, model, serve, traits? }";
  if (typeof subject !== "object" || subject === null) {
    throw new ConfigError(`${shape}; it was given ${describe(subject)}.`);
  }
  const { provider, model, serve, traits = {} } = subject as Partial<Record<string, unknown>>;
  const unknown =
    unknownKey("conformance() has no option", subject, ["provider", "model", "serve", "traits"]) ??
    unknownKey("conformance() knows no trait", traits as object, ["parts", "modes", "tools", "thinking", "failures"]);
  if (unknown !== undefined) throw new ConfigError(unknown);
  if (typeof provider !== "object" || provider === null) {
    throw new ConfigError(`${shape}; its provider is ${describe(provider)}.`);
  }
  if (typeof model !== "string" || model === "") throw new ConfigError(`${shape}; its model is ${describe(model)}.`);
  if (typeof serve !== "function") throw new ConfigError(`${shape}; its serve is ${describe(serve)}.`);
}
