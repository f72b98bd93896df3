/** US dollars a token, as the proxy is told. */
export const price = { input: 0.000_001, output: 0.000_002 } as const;

/** The keys the proxy knows, and what it was told of each: https://docs.litellm.ai/docs/proxy/custom_auth. */
export const keys: Readonly<Record<string, object>> = {
  "sk-owner": { user_id: "owner" },
  "sk-one-model": { models: ["smol"] },
  "sk-one-a-minute": { rpm_limit: 1 },
  "sk-expired": { expires: "2020-01-01T00:00:00+00:00" },
  // Spent after the first request.
  "sk-poor": { max_budget: 0.000_001 },
};

/** Where the model groups lead. */
export interface Backends {
  /** llama.cpp's server. */
  readonly model: string;
  /** The server of faults: the first step of the path says which. */
  readonly faults: string;
  /** An address nobody listens at. */
  readonly nobody: string;
}

/** The statuses the server of faults answers with, each under its own name: `status-429`. */
export const statuses = [400, 401, 403, 404, 422, 429, 500, 503] as const;

/** The proxy's configuration as JSON, which is YAML: https://docs.litellm.ai/docs/proxy/config_settings. */
export function proxyConfig({ model, faults, nobody }: Backends): string {
  const fault = (name: string, more?: object) => group(name, `${faults}/${name}`, more);
  const mock = (error: string) => group(`mock-${error}`, nobody, { mock_response: `litellm.${error}` });
  return JSON.stringify({
    model_list: [
      group("smol", `${model}/v1`, {}, "smol-deployment"),
      // LiteLLM speaks the Responses API to `openai/` models when it is asked in Anthropic's format, and chat
      // completions to all others'.
      group("smol-chat", `${model}/v1`, { model: "hosted_vllm/smol" }),
      group("one-a-minute", `${model}/v1`, { rpm: 1 }),
      group("down", nobody),
      group("down-with-spare", nobody),
      fault("slow", { timeout: 0.3 }),
      ...["flaky", "filter", "page", "broken-stream", "cut-stream"].map((name) => fault(name)),
      ...statuses.map((status) => fault(`status-${status}`)),
      ...["RateLimitError", "ContextWindowExceededError", "InternalServerError"].map(mock),
    ],
    general_settings: {
      master_key: "sk-master",
      custom_auth: "proxy_hooks.check_key",
      custom_auth_run_common_checks: true,
    },
    litellm_settings: {
      callbacks: ["proxy_hooks.log"],
      num_retries: 0,
      fallbacks: [{ "down-with-spare": ["smol"] }],
      include_cost_in_streaming_usage: true,
      enable_post_custom_auth_checks: true,
    },
    router_settings: {
      num_retries: 0,
      disable_cooldowns: true,
      optional_pre_call_checks: ["enforce_model_rate_limits"],
    },
  });
}

function group(model_name: string, api_base: string, more: object = {}, id?: string): object {
  const cost = { input_cost_per_token: price.input, output_cost_per_token: price.output };
  return {
    model_name,
    litellm_params: { model: "openai/smol", api_base, api_key: "none", ...cost, ...more },
    ...(id !== undefined && { model_info: { id } }),
  };
}
