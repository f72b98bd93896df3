import { openai } from "@ai-sdk/openai";
import { generateText, type ModelMessage, NoObjectGeneratedError, Output } from "ai";
import * as z from "zod";

const Invoice = z.object({ number: z.string(), total: z.number().positive(), due: z.iso.date() });

async function readInvoice(text: string) {
  const messages: ModelMessage[] = [{ role: "user", content: `Extract the invoice:\n${text}` }];
  for (let attempts = 0; ; attempts++) {
    try {
      const model = openai.chat("gpt-4o-mini");
      const { output } = await generateText({ model, output: Output.object({ schema: Invoice }), messages });
      return { value: output, attempts };
    } catch (error) {
      if (!NoObjectGeneratedError.isInstance(error) || attempts === 2) throw error;
      messages.push({ role: "assistant", content: error.text ?? "" });
      messages.push({ role: "user", content: `That does not fit, answer again: ${error.cause}` });
    }
  }
}

const letter = "Invoice INV-2041, 1,250.00 USD in total, is due by 3 March 2027.";
const { value, attempts } = await readInvoice(letter);
console.log(value, "asked again:", attempts);
