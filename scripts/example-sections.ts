import { guideSections } from "./example-guide-sections.ts";
import { beside, bound, curried, own } from "./example-parts.ts";
import type { ProviderRow } from "./example-row.ts";

// One template for each section of the page on calls. A section's file is a program; its regions are what the
// documentation shows.

const say = `(genre: string) => \`Recommend a \${genre} book\``;

/** A prompt in the four ways it can be written. */
const basic = (row: ProviderRow) => `import { type Message, Messages, promptTemplate } from "callscope";
${own(row)}

// #region text
const recommendBook = ${bound(row, say)};

const response = await recommendBook("fantasy");
console.log(response.content);
// #endregion

// #region messages
const withMessages = ${bound(
  row,
  `(genre: string) => [
  Messages.system("You are a librarian."),
  Messages.user(\`Recommend a \${genre} book\`),
]`,
)};
// #endregion
console.log((await withMessages("fantasy")).content);

// #region template
const withTemplate = ${curried(
  row,
  `promptTemplate(\`
    SYSTEM: You are a librarian.
    USER: Recommend a {genre} book
  \`)`,
)};
// #endregion
console.log((await withTemplate({ genre: "fantasy" })).content);

// #region plain
const withObjects = ${bound(
  row,
  `(genre: string): Message[] => [
  { role: "system", content: "You are a librarian." },
  { role: "user", content: \`Recommend a \${genre} book\` },
]`,
)};
// #endregion
console.log((await withObjects("fantasy")).content);
`;

/** The same call by the provider's SDK and by callscope. */
const officialSdk = (row: ProviderRow) => {
  const both = row.sdk.imports.includes("callscope/local");
  const imports = both
    ? row.sdk.imports.replace("{ findModelFile }", "{ findModelFile, local }")
    : `${row.sdk.imports}\n${own(row)}`;
  return `${imports}

// #region sdk
${row.sdk.call}
// #endregion

// #region callscope
const recommendBook = ${bound(row, say)};
console.log((await recommendBook("fantasy")).content);
// #endregion
`;
};

/** What every response has, and what only this provider's has. */
const response = (row: ProviderRow) => `${own(row)}

// #region properties
const recommendBook = ${bound(row, say)};
const response = await recommendBook("fantasy");

console.log(response.content); // the text, also as \`\${response}\`
console.log(response.model, response.id);
console.log(response.finishReasons, response.stopReason); // the provider's words, and common ones
console.log(response.usage); // the SDK's own object
console.log(response.inputTokens, response.outputTokens, response.cachedTokens);
console.log(response.cost, response.costDetails?.entry); // US dollars, and the price they come from
console.log(response.endTime - response.startTime); // milliseconds
console.log(response.fnArgs, response.callParams, response.metadata);
console.log(response.messages, response.callKwargs); // as they were sent
console.log(response.messageParam); // the answer as this provider takes it back
console.log(response.message); // the answer as every provider takes it
// #endregion

// #region original
console.log(response.response); // the very object the SDK gave
console.log(${row.own}); // with all of its types
// #endregion
`;

/** Parameters of one provider. */
const params = (row: ProviderRow) => `${own(row)}

// #region params
const recommendBook = ${row.name}.call(
  "${row.model}",
  { callParams: ${row.params} },
  ${say},
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region with
const brief = recommendBook.with({ callParams: ${row.limited}, timeout: 60_000 });
// #endregion
console.log((await brief("fantasy")).content);
`;

/** A prompt function that decides about its call. */
const dynamic = (row: ProviderRow) => `import { Messages, promptTemplate } from "callscope";
${own(row)}

// #region config
const recommendBook = ${bound(
  row,
  `(genre: string): ${row.name}.DynamicConfig => ({
  messages: [Messages.user(\`Recommend a \${genre} book\`)],
  callParams: ${row.limited},
  metadata: { tags: [\`genre:\${genre}\`] },
})`,
)};

const response = await recommendBook("fantasy");
console.log(response.content, response.callParams, response.metadata);
// #endregion

// #region computed
const byAuthor = ${curried(
  row,
  `promptTemplate("Recommend a {genre} book by one of {authors:list}", ({ genre }: { genre: string }) => ({
    computedFields: { authors: genre === "fantasy" ? ["Le Guin", "Tolkien"] : ["Lem", "Butler"] },
  }))`,
)};
// #endregion
console.log((await byAuthor({ genre: "fantasy" })).content);
`;

/** What a call is labelled with. */
const metadata = (row: ProviderRow) => `import { withMetadata } from "callscope";
${own(row)}

// #region metadata
const recommendBook = ${curried(row, `withMetadata({ tags: ["version:0001"] }, ${say})`)};

const response = await recommendBook("fantasy");
console.log(response.content, response.metadata);
// #endregion

// #region replaced
const perGenre = ${curried(
  row,
  `withMetadata({ tags: ["version:0001"] }, (genre: string) => ({
    messages: \`Recommend a \${genre} book\`,
    metadata: { tags: [\`genre:\${genre}\`] }, // replaces the other
  }))`,
)};
// #endregion
console.log((await perGenre("fantasy")).metadata);
`;

/** Messages in the provider's own form. */
const messages = (row: ProviderRow) => `import { Messages } from "callscope";
${own(row)}

// #region native
const recommendBook = ${bound(
  row,
  `(genre: string): ${row.name}.DynamicConfig => ({
  messages: [
    Messages.system("You are a librarian."),
    ${row.native},
  ],
})`,
)};
// #endregion

const response = await recommendBook("fantasy");
console.log(response.content, response.messages.length);
`;

/** A client of one's own, for a call or for one run of it. */
const clients = (row: ProviderRow) => {
  const isLocal = row.client.imports.includes("callscope/local");
  const imports = isLocal
    ? `import { LocalModel, local } from "callscope/local";`
    : `${row.client.imports}\n${own(row)}`;
  return `${imports}

// #region static
const recommendBook = ${row.name}.call(
  "${row.model}",
  ${beside(row, `client: ${row.client.make}`)},
  ${say},
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = ${row.client.other};

const perGenre = ${bound(
    row,
    `(genre: string): ${row.name}.DynamicConfig => ({
  messages: \`Recommend a \${genre} book\`,
  ...(genre === "fantasy" && { client: patient }),
})`,
  )};
// #endregion
console.log((await perGenre("fantasy")).content);
`;
};

/** What is thrown is the SDK's own error. */
const errors = (row: ProviderRow) => {
  const { imports, is, model = "no-such-model", words = `"fantasy"` } = row.error;
  const head = imports.includes(`"callscope"`)
    ? imports.replace("{ ", "{ classify, ")
    : `${imports}\nimport { classify } from "callscope";`;
  return `${head}
${own(row)}

// #region errors
const recommendBook = ${row.name}.call("${model}", ${say});

try {
  console.log((await recommendBook(${words})).content);
} catch (error) {
  if (!(${is})) throw error;
  console.log(error.name, error.message);
  const { kind, status, retryable, retryAfterMs } = classify(error);
  console.log(kind, status, retryable, retryAfterMs);
}
// #endregion
`;
};

/** The sections of the page on calls: a folder each, a file a provider. */
export const sections: Readonly<Record<string, (row: ProviderRow) => string>> = {
  basic,
  "official-sdk": officialSdk,
  response,
  params,
  dynamic,
  metadata,
  messages,
  clients,
  errors,
  ...guideSections,
};
