import { dedent, image, type Message, Messages, prompt, promptTemplate } from "callscope";

// #region template
const librarian = promptTemplate(`
  SYSTEM: You are a librarian of {library.name} in {library.city}.
  MESSAGES: {history}
  USER:
  Something like these, cheaper than {price:.2f} dollars:
  {titles:list}
`);

const messages = await librarian({
  library: { name: "Bodleian", city: "Oxford" },
  history: [Messages.user("Hello"), Messages.assistant("Hello! How can I help?")],
  price: 9.5,
  titles: ["Dune", "Emma"],
});
// #endregion
console.log(messages);

// #region computed
const byAuthors = promptTemplate("A {genre} book by one of {authors:list}", ({ genre }: { genre: string }) => ({
  computedFields: { authors: genre === "fantasy" ? ["Le Guin", "Tolkien"] : ["Lem", "Butler"] },
}));
// The argument is `{ genre: string }`: computed fields are not the caller's to give.
const { computedFields } = await byAuthors({ genre: "fantasy" });
// #endregion
console.log(computedFields);

// #region function
const recommendBook = prompt((genre: string): Message[] => [
  Messages.system("You are a librarian."),
  { role: "user", content: `Recommend a ${genre} book` },
]);

console.log(await recommendBook("fantasy"));
// #endregion

// #region media
const cover = Uint8Array.from(atob("R0lGODlhAQABAAAAACH5BAEAAAAALAAAAAABAAEAAAIA"), (letter) => letter.charCodeAt(0));

const similar = prompt((picture: Uint8Array) => [
  "I just read this book:",
  image(picture, { detail: "low" }),
  "What should I read next?",
]);
// #endregion
console.log((await similar(cover))[0]?.content.length);

// #region template-media
const similarByTemplate = promptTemplate(`
  USER: I just read this book: {cover:image(detail=low)} What should I read next?
`);
// #endregion
console.log((await similarByTemplate({ cover }))[0]?.content.length);

// #region dedent
const brief = prompt(
  (genre: string) => dedent`
    Recommend a ${genre} book.
    Answer in one line.
  `,
);
// #endregion
console.log((await brief("fantasy"))[0]?.content);
