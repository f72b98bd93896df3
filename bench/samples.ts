import * as z from "zod";

// What the scenarios ask for and what the server answers with.

/** The model every request names. */
export const model = "gpt-4o-mini";

/** The prompt of a small call. */
export const recommend = (genre: string) => `Recommend a ${genre} book`;

/** A conversation of 200 messages, 100 KB of text. */
export const conversation = Array.from({ length: 200 }, (_, index) => ({
  role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
  content: `${index}: ${"The quick brown fox jumps over the lazy dog. ".repeat(11)}`,
}));

/** What each of the ten tools of a large call takes. */
export const Query = z.object({
  query: z.string().describe("What is looked for"),
  limit: z.number().int().optional(),
  order: z.enum(["newest", "best"]),
});

export const toolNames: readonly string[] = Array.from({ length: 10 }, (_, index) => `search_${index}`);

/** How each of them is described. */
export const searchText = "Searches one of our catalogues";

/** What the streamed tool is asked for, and how it is described. */
export const writeText = "Write the report";

/** One object of the streamed array, 60 characters of JSON. */
export const Item = z.object({ id: z.number(), name: z.string(), price: z.number(), tags: z.array(z.string()) });

/** The streamed object that holds the array. */
export const Items = z.object({ items: z.array(Item) });

/** The JSON of an object whose `key` holds so many items. */
export function itemsJson(key: string, count: number): string {
  const items = Array.from({ length: count }, (_, index) => ({
    id: index,
    name: `Item ${index}`,
    price: (index % 90) + 0.5,
    tags: ["a", "b"],
  }));
  return JSON.stringify({ [key]: items });
}

/** What the streamed tool takes. */
export const Report = z.object({ title: z.string(), paragraphs: z.array(z.string()) });

/** Tool arguments of about so many characters. */
export function reportJson(length: number): string {
  const paragraph = 'It was a "bright" cold day in April,\nand the clocks were striking thirteen. ';
  return JSON.stringify({ title: "Report", paragraphs: Array(Math.ceil(length / 80)).fill(paragraph) });
}

const text = z.string().describe("As it stands in the text");
const address = z.object({ street: z.string(), city: z.string(), zip: z.string(), country: z.string() });

/** A schema of 30 fields: scalars, enums, lists, objects in objects. */
export const Profile = z.object({
  ...{ firstName: text, lastName: text, email: text, phone: text, birthday: text, nationality: text },
  ...{ title: text.nullable(), company: text, department: text, position: text, salary: z.number(), currency: text },
  ...{ age: z.number(), height: z.number(), weight: z.number(), children: z.number(), rating: z.number() },
  ...{ active: z.boolean(), verified: z.boolean(), newsletter: z.boolean(), remote: z.boolean() },
  ...{ status: z.enum(["single", "married", "divorced"]), level: z.enum(["junior", "senior", "lead"]) },
  ...{ skills: z.array(z.string()), languages: z.array(z.string()), hobbies: z.array(z.string()) },
  ...{ home: address, work: address.nullable(), notes: text.nullable(), website: text },
});

/** The answer to it. */
export const profile: z.infer<typeof Profile> = {
  ...{ firstName: "Ada", lastName: "Lovelace", email: "ada@example.com", phone: "123", birthday: "1815-12-10" },
  ...{ nationality: "British", title: null, company: "Analytical Engines", department: "Research", position: "Lead" },
  ...{ salary: 1000.5, currency: "GBP", age: 36, height: 165, weight: 55, children: 3, rating: 4.9 },
  ...{ active: true, verified: true, newsletter: false, remote: true, status: "married", level: "lead" },
  ...{ skills: ["mathematics", "poetry"], languages: ["English", "French"], hobbies: ["horses", "music"] },
  ...{ home: { street: "12 St James's Square", city: "London", zip: "SW1Y", country: "UK" }, work: null, notes: null },
  website: "https://example.com",
};
