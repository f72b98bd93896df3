import { randomInt, randomUUID } from "node:crypto";
import type { LlamaText, SequenceEvaluateOptions, Token } from "node-llama-cpp";
import { ConfigError, ContextOverflowError } from "../../errors/errors.ts";
import { AnswerReader, callStart, thoughtEnd } from "./answer.ts";
import type { RenderedPrompt } from "./chat-template.ts";
import type { Engine, Slot } from "./engine.ts";
import { MarkerScanner } from "./marker.ts";
import { type AnswerPlan, planAnswer } from "./plan.ts";
import { TokenDecoder } from "./token-decoder.ts";
import type { LocalChunk, LocalDelta, LocalFinishReason, LocalRequest } from "./types.ts";

/** One request and the place it is answered in. `begun` is when it was made, by `performance.now()`. */
export interface Run {
  readonly engine: Engine;
  readonly slot: Slot;
  readonly request: LocalRequest;
  readonly emit: (chunk: LocalChunk) => void;
  readonly signal: AbortSignal | undefined;
  readonly begun: number;
}

// A prompt is read in pieces of one size. Between two the signal is looked at, and whole ones are kept for a next prompt
// that begins alike. Only whole ones: a token read in another company differs in its last bits, and an answer is to depend
// on nothing but its request.
const pieceSize = 128;

/** Generates one answer. What it emits is plain data; at its end the sequence is free for the next. */
export async function generate(run: Run): Promise<void> {
  const { engine, slot, request, signal } = run;
  const { sequence } = slot;
  const started = performance.now();
  const plan = planAnswer(request);
  const prompt = engine.template(request.messages, plan.shownTools);
  const tokens = tokenize(engine, prompt, plan);
  if (tokens.length >= sequence.contextSize) throw new ContextOverflowError(tokens.length, sequence.contextSize);
  const answer = new Answer(run, plan, prompt, tokens.length);
  try {
    const last = await readPrompt(slot, tokens, signal);
    answer.emit([]);
    const read = performance.now();
    const finishReason = await write(run, plan, answer, last);
    const timings = { waiting: started - run.begun, reading: read - started, writing: performance.now() - read };
    answer.finish(finishReason, timings);
  } catch (error) {
    // What stands in a memory that failed is not known.
    if (!signal?.aborted) slot.read = 0;
    throw error;
  }
}

function tokenize({ library, model }: Engine, prompt: RenderedPrompt, plan: AnswerPlan): Token[] {
  const parts: (LlamaText | string | InstanceType<typeof library.SpecialTokensText>)[] = [prompt.text];
  // An answer bound to a form has no room for thoughts: those the template has opened are closed.
  if (prompt.inThought && plan.bound) parts.push(`\n${thoughtEnd}\n\n`);
  if (plan.prefill !== "") parts.push(new library.SpecialTokensText(plan.prefill));
  const tokens = library.LlamaText(parts).tokenize(model.tokenizer);
  const { shouldPrependBosToken, bos } = model.tokens;
  return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}

/** Reads all of the prompt but its last token, which is what the first token of the answer comes from. */
async function readPrompt(slot: Slot, tokens: Token[], signal: AbortSignal | undefined): Promise<Token[]> {
  const { sequence } = slot;
  const last = tokens.length - 1;
  const same = Math.min(slot.read, last, sequence.compareContextTokens(tokens).firstDifferentIndex);
  const kept = same - (same % pieceSize);
  if (kept === 0) await sequence.clearHistory();
  else await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
  // Some kinds of model cannot forget the end alone.
  slot.read = sequence.nextTokenIndex === kept ? kept : 0;
  if (slot.read !== kept) await sequence.clearHistory();
  for (let at = slot.read; at < last; at += pieceSize) {
    signal?.throwIfAborted();
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, Math.min(at + pieceSize, last)));
    if (at + pieceSize <= last) slot.read = at + pieceSize;
  }
  signal?.throwIfAborted();
  return tokens.slice(last);
}

async function write(run: Run, plan: AnswerPlan, answer: Answer, prompt: Token[]): Promise<LocalFinishReason> {
  const { slot, signal, request } = run;
  const { sequence } = slot;
  const room = sequence.contextSize - answer.inputTokens;
  const most = Math.min(request.maxTokens ?? room, room);
  const iterator = sequence.evaluate(prompt, sampling(run, plan, answer));
  try {
    let replacement: Token[] | undefined;
    for (let written = 0; written < most; written++) {
      const { done, value: token } = await iterator.next(replacement);
      signal?.throwIfAborted();
      if (done) return answer.end();
      const taken = answer.take(token);
      if (taken === "stop") return answer.end();
      replacement = taken;
    }
    answer.end();
    return "length";
  } finally {
    await iterator.return();
  }
}

function sampling({ engine, request }: Run, plan: AnswerPlan, answer: Answer): SequenceEvaluateOptions {
  const { temperature, minP, topK, topP, xtc, dryRepeatPenalty, repeatPenalty } = request;
  const bound = plan.grammar === undefined ? undefined : grammarState(engine, plan.grammar);
  const { callGrammar } = plan;
  const options = {
    temperature,
    minP,
    topK,
    topP,
    xtc,
    dryRepeatPenalty,
    // The SDK's own default is the time in seconds: all calls of a second would be answered alike.
    seed: request.seed ?? randomInt(2 ** 32),
    repeatPenalty: repeatPenalty ? penalty(engine, repeatPenalty, answer) : undefined,
    grammarEvaluationState() {
      // The text is free until it becomes a call.
      if (bound === undefined && answer.inCall && callGrammar !== undefined) {
        answer.callState ??= grammarState(engine, callGrammar);
      }
      return bound ?? answer.callState;
    },
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

type Penalty = Exclude<LocalRequest["repeatPenalty"], false | undefined>;

function penalty({ model }: Engine, { lastTokens = 64, penalizeNewLine = true, ...rest }: Penalty, answer: Answer) {
  const { nl } = model.tokens;
  const punishTokens = () => {
    const last = answer.tokens.slice(-lastTokens);
    return penalizeNewLine ? last : last.filter((token) => token !== nl);
  };
  return { ...rest, punishTokens, maxPunishTokens: Math.min(lastTokens, model.trainContextSize) };
}

function grammarState({ library, model }: Engine, grammar: string) {
  try {
    const made = new library.LlamaGrammar(model.llama, { grammar });
    return new library.LlamaGrammarEvaluationState({ model, grammar: made });
  } catch (cause) {
    throw new ConfigError("The grammar of the answer is not one that llama.cpp can read.", { cause });
  }
}

/** The answer so far: from tokens to text, from text to what it means, and the events that say so. */
class Answer {
  readonly tokens: Token[] = [];
  readonly inputTokens: number;
  callState: ReturnType<typeof grammarState> | undefined;
  /** True once free text has become a call. */
  inCall = false;
  readonly #run: Run;
  readonly #head: Pick<LocalChunk, "id" | "model" | "created">;
  readonly #decoder: TokenDecoder;
  readonly #reader: AnswerReader;
  readonly #stops: readonly string[];
  readonly #scanner = new MarkerScanner();
  readonly #watchesCalls: boolean;
  #tail = "";

  constructor(run: Run, plan: AnswerPlan, { inThought, stops }: RenderedPrompt, inputTokens: number) {
    this.#run = run;
    this.inputTokens = inputTokens;
    this.#head = { id: `local-${randomUUID()}`, model: run.engine.name, created: Date.now() };
    this.#decoder = new TokenDecoder(run.engine.model);
    const { start } = plan;
    const thinks = inThought && !plan.bound && start.kind === "text";
    this.#reader = new AnswerReader(thinks ? { ...start, kind: "thought" } : start, () => `call_${randomUUID()}`);
    this.#stops = [...stops, ...(run.request.customStopTriggers ?? [])].filter((stop) => stop !== "");
    this.#watchesCalls = plan.callGrammar !== undefined;
  }

  /** Takes the next token in. Gives `"stop"` at a stop text, or the tokens to go on with in place of this one. */
  take(token: Token): "stop" | Token[] | undefined {
    this.tokens.push(token);
    const text = this.#decoder.decode(token);
    const extra = this.#watchesCalls && this.#reader.inText ? this.#beyondCallStart(text) : undefined;
    const wanted = extra === undefined ? text : text.slice(0, text.length - extra);
    const { before, marker } = this.#scanner.next(wanted, this.#stops);
    if (before !== "") this.emit(this.#reader.read(before));
    if (marker !== undefined) return "stop";
    if (!extra) return undefined;
    // What came with the marker in one token was written without the grammar, and is written again.
    const { model } = this.#run.engine;
    return model.tokenize(wanted, true, "trimLeadingSpace");
  }

  /** Gives out what was held back; then the reason of a natural end. */
  end(): LocalFinishReason {
    const held = this.#scanner.flush();
    this.emit([...this.#reader.read(held), ...this.#reader.end()]);
    return this.#reader.hasCalls ? "toolCalls" : "stop";
  }

  emit(deltas: readonly LocalDelta[]): void {
    const usage = { inputTokens: this.inputTokens, outputTokens: this.tokens.length };
    if (deltas.length === 0 && usage.outputTokens > 0) return;
    for (const delta of deltas.length > 0 ? deltas : [{}]) this.#run.emit({ ...this.#head, delta, usage });
  }

  finish(finishReason: LocalFinishReason, timings: NonNullable<LocalChunk["timings"]>): void {
    const usage = { inputTokens: this.inputTokens, outputTokens: this.tokens.length };
    this.#run.emit({ ...this.#head, delta: {}, usage, finishReason, timings });
  }

  /** How many characters follow the beginning of a call that this text completes; `undefined` where it completes none. */
  #beyondCallStart(text: string): number | undefined {
    const tail = this.#tail + text;
    const at = tail.indexOf(callStart);
    this.#tail = tail.slice(-(callStart.length - 1));
    if (at === -1) return undefined;
    this.inCall = true;
    return tail.length - at - callStart.length;
  }
}
