import { run } from "./library.mjs";

// For workerd: the server's address is the request's query.
export default {
  async fetch(request) {
    return Response.json(await run(new URL(request.url).searchParams.get("server")));
  },
};
