import type { ProviderTypes } from "../contract/provider.ts";
import { plainOrLeftOut } from "../json/plain.ts";
import { isMessage } from "../message/message.ts";
import { type Cost, costOf, loadPrices } from "../money/cost.ts";
import { estimateInput } from "../prepare/estimate.ts";
import { prepare } from "../prepare/evaluate.ts";
import type { Plan } from "../prepare/prepare.ts";
import type { Block, LockFile, Section } from "./lock-file.ts";
import { Misuse } from "./misuse.ts";
import { moneyText } from "./money-text.ts";
import { safeText } from "./safe-text.ts";
import type { Sample } from "./samples.ts";

/** The titles of what is compared by more than its lines. */
export const titles = { parameters: "Parameters", schema: "Schema of the answer", tool: "Tool " } as const;
/** The facts that are numbers. */
export const facts = { tokens: "estimated input", least: "cost with an empty answer", most: "cost at most" } as const;

/** A call as its file says it: all its samples, and what they have in common once. */
export async function describeCall(name: string, samples: readonly Sample[]): Promise<LockFile> {
  const described: { head: Map<string, string>; shared: Block[]; section: Section }[] = [];
  const seen = new Map<string, number>();
  for (const sample of samples) {
    const title = titleOf(sample);
    const count = (seen.get(title) ?? 0) + 1;
    seen.set(title, count);
    described.push(await describeSample(sample, count > 1 ? `${title} (${count})` : title));
  }
  // What is the same for every sample is said once.
  const isCommon = ({ title, text }: Block) =>
    described.every(({ shared }) => shared.some((other) => other.title === title && other.text === text));
  const common = (described[0]?.shared ?? []).filter(isCommon);
  const heads = described.map(({ head }) => head);
  const sameHead = heads.every((head) => JSON.stringify([...head]) === JSON.stringify([...(heads[0] ?? [])]));
  const sections = described.map(({ head, shared, section: { title, facts, blocks } }) => ({
    title,
    facts: new Map([...(sameHead ? [] : head), ...facts]),
    blocks: [...blocks, ...shared.filter((block) => !isCommon(block))],
  }));
  const first: Section = { title: "", facts: (sameHead && heads[0]) || new Map(), blocks: common };
  return { name, sections: [first, ...sections] };
}

const longestTitle = 100;

function titleOf({ exported, args, leg }: Sample): string {
  const shown = args.map((arg) => safeText(arg)).join(", ");
  const short = shown.length > longestTitle ? `${shown.slice(0, longestTitle)}…` : shown;
  return `${exported}(${short})${leg === undefined ? "" : `, ${leg}`}`;
}

async function describeSample({ name, definition, args }: Sample, title: string) {
  const plan = await prepare(definition, args).catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Misuse(`The call ${name} cannot be prepared: ${message}`, { cause });
  });
  const { prepared, neutral } = plan;
  const { output } = neutral;
  const head = new Map([
    ["provider", prepared.provider],
    ["model", prepared.model],
    ...(prepared.stream ? [["streams", "yes"] as const] : []),
    ...(output ? [["answer", answerText(output)] as const] : []),
  ]);
  const shared: Block[] = [];
  const block = (title: string, value: unknown) => shared.push({ title, language: "json", text: safeText(value, 2) });
  if (Object.keys(prepared.callParams).length > 0) block(titles.parameters, sorted(prepared.callParams));
  if (output?.schema !== undefined) block(titles.schema, output.schema);
  for (const { name, description, strict, cache, schema } of neutral.tools) {
    block(`${titles.tool}${name}`, { description, strict, cache, parameters: schema });
  }
  if (prepared.changes.length > 0) {
    shared.push({ title: "Changed on the way", language: "text", text: prepared.changes.join("\n") });
  }
  return { head, shared, section: { title, facts: await estimates(plan, definition), blocks: messagesOf(plan) } };
}

function answerText({
  mode,
  name,
  description,
  strict,
  instruction,
}: NonNullable<Plan<ProviderTypes>["neutral"]["output"]>) {
  const how = mode === "tool" ? `by the tool ${name}` : mode === "json" ? "as JSON" : `by the schema ${name}`;
  const words = [description, instruction].filter((text) => text !== undefined).map((text) => JSON.stringify(text));
  return [how, ...(strict ? ["strict"] : []), ...words].join(", ");
}

async function estimates(plan: Plan<ProviderTypes>, { provider, sending }: Sample["definition"]) {
  const { prepared, neutral } = plan;
  const input = estimateInput(neutral, provider);
  const source = await loadPrices();
  const priced = prepared.priced ?? { provider: prepared.provider, model: prepared.model };
  const found = source.find(priced.provider, priced.model, Date.now());
  // The day of the price list, so that the file changes with the list and not with the day.
  const at = Date.parse((found && "entry" in found && found.entry?.read) || "") || Date.now();
  const cost = (output: number): Cost =>
    costOf(
      { ...priced, requestedModel: prepared.model, tokens: { input, output }, at, prices: sending?.prices },
      source,
    );
  const { answerLimit } = prepared;
  const text = ({ usd, reason }: Cost) => (usd === undefined ? `not known: ${reason}` : `${moneyText(usd, 6)} a call`);
  return new Map<string, string>([
    [facts.tokens, `${input} tokens`],
    [facts.least, text(cost(0))],
    [facts.most, answerLimit === undefined ? "no limit is set" : text(cost(answerLimit))],
  ]);
}

function messagesOf({ prepared }: Plan<ProviderTypes>): Block[] {
  return prepared.neutral.map((message, at) => {
    const { role, content } = message as { readonly role?: unknown; readonly content?: unknown };
    const title = `${at + 1}. ${typeof role === "string" ? role : "message"}`;
    if (!isMessage(message)) return { title, language: "json", text: safeText(message, 2) };
    if (typeof content === "string") return { title, language: "text", text: content };
    const parts = (message.content as readonly { readonly type: string; readonly text?: unknown }[]).map((part) =>
      part.type === "text" ? String(part.text) : `[${part.type}] ${safeText(plainOrLeftOut(part))}`,
    );
    return { title, language: "text", text: parts.join("\n") };
  });
}

function sorted(params: object): object {
  return Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
}
