import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";

/** @internal The clients whose streams are read by their SDK. */
export const readBySdk = new WeakSet<object>();

/**
 * The same client, whose streams are read by its SDK's own reader from now on, not by ours: for a client whose reading is
 * watched or changed in a way that only the SDK's reader shows. Throws `ConfigError` for what is no client.
 */
export function sdkReader<Client extends object>(client: Client): Client {
  if (typeof client !== "object" || client === null) {
    throw new ConfigError(`sdkReader() takes a client; it was given ${describe(client)}.`);
  }
  readBySdk.add(client);
  return client;
}
