// The events of a stream of Anthropic's Messages API, with all the keys that come with them today.

const usage = {
  ...{ input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
  ...{ cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 }, service_tier: "standard" },
};
const message = {
  ...{ model: "claude-haiku-4-5-20251001", id: "msg_01XFDUDYJgAACzvnptvVoYEL", type: "message", role: "assistant" },
  ...{ content: [], stop_reason: null, stop_sequence: null, usage },
};

/** A text in these pieces, an event each. */
export function messageStream(pieces: readonly string[]): string[] {
  const delta = { stop_reason: "end_turn", stop_sequence: null };
  return [
    event({ type: "message_start", message }),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    event({ type: "ping" }),
    ...pieces.map((text) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
    event({ type: "content_block_stop", index: 0 }),
    event({ type: "message_delta", delta, usage: { ...usage, output_tokens: pieces.length } }),
    event({ type: "message_stop" }),
  ];
}

function event(fields: { readonly type: string } & Readonly<Record<string, unknown>>): string {
  return `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;
}
