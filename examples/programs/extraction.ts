import { openai } from "callscope/openai";
import * as z from "zod";

const Invoice = z.object({ number: z.string(), total: z.number().positive(), due: z.iso.date() });

const readInvoice = openai.call(
  "gpt-4o-mini",
  { responseModel: Invoice, retries: { validation: 2 } },
  (text: string) => `Extract the invoice:\n${text}`,
);

const letter = "Invoice INV-2041, 1,250.00 USD in total, is due by 3 March 2027.";
const { value, response } = await readInvoice(letter).withResponse();
console.log(value, "asked again:", response.attempts.length);
