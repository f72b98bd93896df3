// Everything that is shown goes through here, as text: what a prompt or an answer says never becomes a part of the page.

type Child = Node | string | undefined | false;
type Value = string | number | boolean | undefined | ((event: never) => void);

/** An element with attributes, listeners (`onclick`) and children. An attribute that is `undefined` or false is left out. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  put(element, attributes, children);
  return element;
}

/** The same for a picture. */
export function draw<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  put(element, attributes, children);
  return element;
}

function put(element: Element, attributes: Readonly<Record<string, Value>>, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    // The listeners' events are those of their names.
    if (typeof value === "function") element.addEventListener(name.slice(2), value as (event: Event) => void);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
}

/** An element of the page's own. */
export function byId<Type extends HTMLElement = HTMLElement>(id: string): Type {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}.`);
  // The page's own, whose kinds are known where they are asked for.
  return element as Type;
}

/** A text with what was looked for marked in it. */
export function marked(text: string, wanted: string): (Node | string)[] {
  if (wanted === "") return [text];
  const pieces: (Node | string)[] = [];
  const [lower, needle] = [text.toLowerCase(), wanted.toLowerCase()];
  // A case of another length would shift what follows it.
  if (lower.length !== text.length) return [text];
  let from = 0;
  for (let at = lower.indexOf(needle); at !== -1 && pieces.length < 1000; at = lower.indexOf(needle, from)) {
    pieces.push(text.slice(from, at), make("mark", {}, text.slice(at, at + needle.length)));
    from = at + needle.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}
