// Preloaded into a process that runs examples: whatever would go to the internet goes to the server of the test. It is
// for the SDKs that read no address from the environment (Mistral, Cohere); the others never come here with one.
const { EXAMPLES_SERVER: server } = process.env;
if (server === undefined) throw new Error("EXAMPLES_SERVER names the server that answers the examples.");
const real = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  // Before its first upload OpenAI's SDK asks what `fetch` makes of `data:,`: that goes nowhere.
  if (url.hostname === "127.0.0.1" || url.protocol === "data:") return real(input, init);
  const target = new URL(url.pathname + url.search, server);
  return real(input instanceof Request ? new Request(target, input) : target, init);
};
