import type { FakeWire } from "../contract/fake-answer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { StandIn } from "../contract/stand-in.ts";
import { ConfigError } from "../errors/errors.ts";
import { decodeBytes } from "../message/history.ts";
import type { Exchange, TapedError } from "./exchange.ts";
import type { OwnRequest } from "./own-request.ts";

type Wire = Pick<FakeWire<ProviderTypes>, "error" | "tellHead"> | undefined;

/** Gives what was recorded in the provider's place: the SDK's classes are made again, bytes are bytes. */
export function replay({ origin }: OwnRequest, { head, events, end, number }: Exchange): StandIn {
  const { provider } = origin.call;
  const wire = async (): Promise<Wire> => provider.fake?.();
  const revive = async (value: unknown) => {
    const plain = decodeBytes(value) as object;
    return (await provider.revive?.(plain)) ?? plain;
  };
  const fail = async (error: TapedError) => {
    const made = await wire();
    if (made !== undefined) return made.error(error, origin.plan.client);
    return new ConfigError(`Recording ${number} is an error, and ${provider.name} has no way to make it again.`);
  };
  return {
    client: () => ({}),
    async create(_client, _request, _options, tell) {
      if (end.type === "error") throw await fail(end.error);
      if (end.type !== "response") throw new ConfigError(`Recording ${number} has no response.`);
      if (head !== undefined) tell?.(head);
      const response = await revive(end.response);
      if (end.id === undefined) return response;
      return Object.defineProperty(response, "_request_id", { value: end.id, enumerable: false });
    },
    async stream(_client, _request, _options, tell) {
      if (end.type === "error" && events.length === 0) throw await fail(end.error);
      if (head !== undefined) tell?.(head);
      const made = await wire();
      return (async function* () {
        for (const [index, event] of events.entries()) {
          const revived = await revive(event);
          if (index === 0) made?.tellHead?.(revived, head);
          yield revived;
        }
        if (end.type === "error") throw await fail(end.error);
        if (end.type !== "left") return;
        throw new ConfigError(
          `Recording ${number} was left after ${events.length} events, and more was asked: record it again.`,
        );
      })();
    },
  };
}
