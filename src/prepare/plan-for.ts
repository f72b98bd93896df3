import type { ProviderTypes } from "../contract/provider.ts";
import { defineTools } from "../tools/define.ts";
import { planOutput } from "./output-plan.ts";
import type { Definition, Plan, Prepared } from "./prepare.ts";

/** What a prepared call needs beside its data, found again in the call it is given to. The prompt is not run. */
export async function planFor<P extends ProviderTypes>(call: Definition<P>, prepared: Prepared<P>): Promise<Plan<P>> {
  const { model, neutral: messages, callParams, fnArgs, stream, dynamicConfig } = prepared;
  const tools = dynamicConfig?.tools ?? call.tools.filter(({ name }) => prepared.tools.includes(name));
  const output = call.output && (await planOutput(call.output, fnArgs, call.provider));
  const definitions = tools.length === 0 ? [] : await defineTools(tools, call.provider);
  const params = call.route ? { callParams: {}, common: callParams } : { callParams, common: call.common };
  const neutral = { model, messages, ...params, stream, tools: definitions, output: output?.definition };
  return { prepared, neutral, tools, client: dynamicConfig?.client ?? call.client, output };
}
