import type { Provider, ProviderTypes, Sent } from "../../contract/provider.ts";

type Any = ProviderTypes;
type Events = AsyncIterable<object>;

/** A provider, and what went through its `create` and `stream`. */
export interface Watched {
  readonly provider: Provider<Any>;
  /** The requests that were handed to the SDK. */
  readonly requests: readonly object[];
  /** What the SDK threw, in its order. */
  readonly errors: readonly unknown[];
}

/** The same provider, which tells what it sends and what is thrown there. Nothing of it is changed. */
export function watchProvider(provider: Provider<Any>): Watched {
  const requests: object[] = [];
  const errors: unknown[] = [];
  const note = (error: unknown) => {
    if (!errors.includes(error)) errors.push(error);
  };
  const guarded = <Result>(request: object, work: () => Result): Result => {
    requests.push(request);
    try {
      return work();
    } catch (error) {
      note(error);
      throw error;
    }
  };
  const watched: Pick<Provider<Any>, "create" | "stream"> = {
    create(client, request, options, tell) {
      const sent = guarded(request, () => provider.create(client, request, options, tell));
      // A second listener beside the caller's: it takes nothing from him.
      Promise.resolve(sent).catch(note);
      return sent;
    },
    stream(client, request, options, tell) {
      const sent = guarded(request, () => provider.stream(client, request, options, tell));
      if (!("then" in sent)) return noting(sent, note);
      Promise.resolve(sent).catch(note);
      return sent as Sent<Events>;
    },
  };
  return { provider: overlaid(provider, watched), requests, errors };
}

/** The provider with some members in the place of its own; a class with private fields works, too. */
function overlaid(provider: Provider<Any>, members: Partial<Provider<Any>>): Provider<Any> {
  return new Proxy(provider, {
    get(target, key) {
      if (Object.hasOwn(members, key)) return Reflect.get(members, key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function noting(events: Events, note: (error: unknown) => void): Events {
  return {
    [Symbol.asyncIterator]() {
      const iterator = events[Symbol.asyncIterator]();
      const noted = <Result>(result: Promise<Result>): Promise<Result> => {
        result.catch(note);
        return result;
      };
      return {
        next: () => noted(iterator.next()),
        ...(iterator.return !== undefined && { return: () => iterator.return?.() as ReturnType<typeof iterator.next> }),
      };
    },
  };
}
