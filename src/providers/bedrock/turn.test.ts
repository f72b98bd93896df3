import type { Message } from "@aws-sdk/client-bedrock-runtime";
import { expect, test } from "vitest";
import { deepFreeze } from "../../../test/support/replay.ts";
import { Messages } from "../../message/message.ts";
import type { DocumentPart } from "../../message/parts.ts";
import { tool } from "../../tools/tool.ts";
import { bedrock } from "./index.ts";

const prepare = (messages: readonly unknown[], options: bedrock.CallOptions = {}) =>
  bedrock.call("us.deepseek.r1-v1:0", options, () => ({ messages: deepFreeze(messages) as Message[] })).prepare();
const hi = Messages.user("Hi");
const next = Messages.user("Sum up.");

const call = { type: "tool_call", id: "a", name: "now", arguments: "{}" } as const;
const result = { role: "tool", content: [{ type: "tool_result", id: "a", name: "now", content: "noon" }] } as const;
const past = [hi, Messages.assistant([call]), result, next];
const declared = (...names: string[]) => ({
  tools: names.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: "object" } } } })),
});

test("[A10] tools that were called before are declared where none is passed", async () => {
  const { request, changes } = await prepare(past);
  expect(request.toolConfig).toEqual(declared("now"));
  expect(changes).toContain("Tools that were called before are declared, as the API wants it: 1.");
  const toolUse = { toolUseId: "b", name: "then", input: {} };
  const native = [
    { role: "assistant", content: [{ toolUse }, { toolUse: { ...toolUse, toolUseId: "c" } }] },
    { role: "user", content: ["b", "c"].map((toolUseId) => ({ toolResult: { toolUseId, content: [] } })) },
  ];
  expect((await prepare([...past, ...native, next])).request.toolConfig).toEqual(declared("now", "then"));
  // One the service ran itself is none of the caller's.
  const server = [{ toolUse: { ...toolUse, type: "server_tool_use" } }, { text: "7" }];
  expect((await prepare([hi, { role: "assistant", content: server }, next])).request).not.toHaveProperty("toolConfig");
  expect((await prepare([hi])).request).not.toHaveProperty("toolConfig");
});

test("[A10] where tools are passed, by whichever way, they are all there is", async () => {
  const other = tool({ name: "other", call: () => "" });
  expect((await prepare(past, { tools: [other] })).request.toolConfig?.tools).toMatchObject([
    { toolSpec: { name: "other" } },
  ]);
  const toolConfig = declared("mine");
  expect((await prepare(past, { callParams: { toolConfig } as never })).request.toolConfig).toEqual(toolConfig);
});

test("[A11] a message of nothing but documents is given a text", async () => {
  const data = Buffer.from("%PDF-1.4\n").toString("base64");
  const part: DocumentPart = { type: "document", data, mediaType: "application/pdf", name: "Report" };
  const document = { document: expect.objectContaining({ format: "pdf" }) };
  const alone = await prepare([Messages.user([part])]);
  expect(alone.request.messages).toEqual([{ role: "user", content: [document, { text: "See the document." }] }]);
  expect(alone.changes).toEqual(["Messages of nothing but documents are given a text: 1."]);
  const beside = await prepare([Messages.user([part, "What is it?"])]);
  expect(beside.request.messages).toEqual([{ role: "user", content: [document, { text: "What is it?" }] }]);
  // What stands in two messages goes as one.
  const after = await prepare([Messages.user([part]), Messages.user("What is it?")]);
  expect(after.request.messages).toEqual([{ role: "user", content: [document, { text: "What is it?" }] }]);
});

test("[A11] a thought without a signature is left out, with one it goes back", async () => {
  const thought = (signature?: string) => ({ reasoningContent: { reasoningText: { text: "Hm.", signature } } });
  const redacted = { reasoningContent: { redactedContent: new Uint8Array([1]) } };
  const kept = [thought("sig"), redacted, { text: "Yes." }];
  const turn = { role: "assistant", content: [thought(), ...kept] };
  const { request, changes } = await prepare([hi, turn, next]);
  expect(request.messages?.[1]).toEqual({ role: "assistant", content: kept });
  expect(changes).toEqual(["Thoughts without a signature are left out: 1."]);
  // Of thoughts alone no message is left, and roles go on alternating.
  const silent = await prepare([hi, { role: "assistant", content: [thought()] }, next]);
  expect(silent.request.messages).toEqual([{ role: "user", content: [{ text: "Hi" }, { text: "Sum up." }] }]);
});
