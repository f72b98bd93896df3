import type OpenAI from "openai";
import { promptTemplate } from "../../src/prepare/prompt.ts";
import { openai } from "../../src/providers/openai/index.ts";

/** The call of the workers. A template has the same text however its file was compiled; a function has not. */
export const shout = (client: OpenAI) => openai.call("gpt-4o-mini", { client }, promptTemplate("{text}"));

/** The arguments of a row that is a text. */
export const textOf = (text: string): [{ text: string }] => [{ text }];
