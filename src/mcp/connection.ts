import type { Client, McpSubscription, Prompt, Resource, ResourceTemplateType } from "@modelcontextprotocol/client";
import { ConfigError, PromptError } from "../errors/errors.ts";
import type { Message, Part } from "../message/parts.ts";
import { partOfResource, partsOfBlock } from "./from-content.ts";
import { type McpCallOptions, type McpTool, remoteTool } from "./remote-tool.ts";
import { providerNames } from "./tool-names.ts";

/** A list of a server that may change. */
export type McpList = "tools" | "prompts" | "resources";

/** How a server's tools appear here. */
export interface McpOptions extends McpCallOptions {
  /** Put before every tool's name with a `_` between, so that two servers may have tools of one name. */
  readonly prefix?: string | undefined;
  /** Which tools are offered, by their name on the server: a list, or a function. All by default. */
  readonly only?: readonly string[] | ((name: string) => boolean) | undefined;
  /** Told when the server says that a list has changed. `tools()` asks anew by itself. */
  readonly onChange?: ((list: McpList) => void) | undefined;
}

interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A server that is connected to. */
export class McpConnection implements AsyncDisposable {
  /** The SDK's own client, for all else. */
  readonly client: Client;
  readonly #options: McpOptions;
  readonly #owned: boolean;
  #tools: Promise<readonly McpTool[]> | undefined;
  #subscription: McpSubscription | undefined;

  /** @internal */
  constructor(client: Client, options: McpOptions, owned: boolean) {
    this.client = client;
    this.#options = options;
    this.#owned = owned;
  }

  /** @internal Hears of changed lists, in both eras of the protocol. */
  async watch(): Promise<void> {
    const { client } = this;
    const told = (list: McpList) => () => {
      if (list === "tools") this.#tools = undefined;
      this.#options.onChange?.(list);
    };
    client.setNotificationHandler("notifications/tools/list_changed", told("tools"));
    client.setNotificationHandler("notifications/prompts/list_changed", told("prompts"));
    client.setNotificationHandler("notifications/resources/list_changed", told("resources"));
    if (client.getProtocolEra() !== "modern") return;
    const { tools, prompts, resources } = client.getServerCapabilities() ?? {};
    const filter = {
      ...(tools?.listChanged === true && { toolsListChanged: true }),
      ...(prompts?.listChanged === true && { promptsListChanged: true }),
      ...(resources?.listChanged === true && { resourcesListChanged: true }),
    };
    if (Object.keys(filter).length > 0) this.#subscription = await client.listen(filter);
  }

  /**
   * The server's tools as they are now. It asks once, and again after the server has said that they changed, so the same
   * tools are the same objects in between. Call it for every request. Tools that run only as a task of the protocol's
   * 2025-11-25 revision are left out: this SDK calls none.
   */
  tools(): Promise<readonly McpTool[]> {
    this.#tools ??= this.#list().catch((error: unknown) => {
      this.#tools = undefined;
      throw error;
    });
    return this.#tools;
  }

  async #list(): Promise<readonly McpTool[]> {
    const { only, prefix = "" } = this.#options;
    const { tools } = await this.client.listTools(undefined, { cacheMode: "refresh" });
    // A name has its form by the whole list: leaving tools out renames none.
    const names = providerNames(
      tools.map(({ name }) => name),
      prefix,
    );
    const offered = typeof only === "function" ? only : only && ((name: string) => only.includes(name));
    return tools.flatMap((listed, index) =>
      listed.execution?.taskSupport !== "required" && (offered === undefined || offered(listed.name))
        ? [remoteTool(this.client, listed, names[index] ?? listed.name, this.#options)]
        : [],
    );
  }

  /** The resources the server lists. */
  async resources({ signal }: RequestOptions = {}): Promise<readonly Resource[]> {
    return (await this.client.listResources(undefined, withSignal(signal))).resources;
  }

  /** Its templates of resources: an address with places to fill. */
  async resourceTemplates({ signal }: RequestOptions = {}): Promise<readonly ResourceTemplateType[]> {
    return (await this.client.listResourceTemplates(undefined, withSignal(signal))).resourceTemplates;
  }

  /** What a resource holds, as a message of the user: texts and media. */
  async resource(uri: string, { signal }: RequestOptions = {}): Promise<Message> {
    const { contents } = await this.client.readResource({ uri }, withSignal(signal));
    return { role: "user", content: contentOf(contents.map(partOfResource)) };
  }

  /** The prompts the server lists. */
  async prompts({ signal }: RequestOptions = {}): Promise<readonly Prompt[]> {
    return (await this.client.listPrompts(undefined, withSignal(signal))).prompts;
  }

  /** A prompt of the server, filled in, as messages of the user and of the assistant; there are no others in one. */
  async prompt(
    name: string,
    args: Readonly<Record<string, string>> = {},
    { signal }: RequestOptions = {},
  ): Promise<Message[]> {
    const { messages } = await this.client.getPrompt({ name, arguments: { ...args } }, withSignal(signal));
    return messages.map(({ role, content }) => {
      // What a server writes is never an instruction of yours, whatever role it claims.
      if (role !== "user" && role !== "assistant") {
        throw new PromptError(`The prompt "${name}" of the server has a message of a role that a prompt cannot have.`);
      }
      return { role, content: contentOf(partsOfBlock(content)) };
    });
  }

  /** What the server says of itself and its tools; no call is given it unless you put it into a prompt. */
  get instructions(): string | undefined {
    return this.client.getInstructions();
  }

  /** Ends the connection, and the program where there is one. A client of yours stays connected. */
  async close(): Promise<void> {
    await this.#subscription?.close();
    if (this.#owned) await this.client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Checks the options of a connection. Throws `ConfigError`. */
export function checkPrefix(prefix: string | undefined): void {
  if (prefix === undefined || (typeof prefix === "string" && /^[a-zA-Z0-9_-]{1,32}$/.test(prefix))) return;
  throw new ConfigError("`prefix` has 1 to 32 letters, digits, `_` or `-`.");
}

function contentOf(parts: readonly Part[]): Message["content"] {
  const [first] = parts;
  return parts.length === 1 && first?.type === "text" ? first.text : parts;
}

function withSignal(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
