import Anthropic from "@anthropic-ai/sdk";
import type { Exchange } from "./recordings.ts";
import type { Json } from "./replay.ts";

// Anthropic's models behind Bedrock's InvokeModel, as `AnthropicBedrock` of @anthropic-ai/bedrock-sdk speaks to them:
// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html

/** A client that sends to `/model/…/invoke` what it would to `/v1/messages`, unsigned, and reads the AWS event stream. */
export function invokeClient(baseURL: string): Anthropic {
  return new Anthropic({ apiKey: "test", baseURL, maxRetries: 0, fetch: invoke });
}

async function invoke(_: unknown, init: RequestInit = {}): Promise<Response> {
  const { model, stream, ...body } = JSON.parse(String(init.body)) as { model: string; stream?: boolean };
  const operation = stream ? "invoke-with-response-stream" : "invoke";
  const url = `${new URL(String(_)).origin}/model/${encodeURIComponent(model)}/${operation}`;
  const request = { ...init, body: JSON.stringify({ ...body, anthropic_version: "bedrock-2023-05-31" }) };
  const response = await fetch(url, request);
  if (!stream || !response.ok) return response;
  const events = framesOf(Buffer.from(await response.arrayBuffer()).toString("base64"));
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

/** The events in an AWS event stream: https://smithy.io/2.0/aws/amazon-eventstream.html. */
export function framesOf(base64: string): Json[] {
  const bytes = Buffer.from(base64, "base64");
  const events: Json[] = [];
  for (let start = 0; start < bytes.length; ) {
    const length = bytes.readUInt32BE(start);
    const headers = bytes.readUInt32BE(start + 4);
    const payload = bytes.subarray(start + 12 + headers, start + length - 4).toString();
    const inner = (JSON.parse(payload) as { bytes: string }).bytes;
    events.push(JSON.parse(Buffer.from(inner, "base64").toString()) as Json);
    start += length;
  }
  return events;
}

/** The model, which InvokeModel has in its path. */
export function modelOf({ request }: Exchange): string | undefined {
  const found = request === null ? undefined : /\/model\/([^/]+)\//.exec(request.url)?.[1];
  return found === undefined ? undefined : decodeURIComponent(found);
}
