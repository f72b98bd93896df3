import type { MediaSource } from "../message/media.ts";
import type { Part } from "../message/parts.ts";

type List = readonly unknown[] | ReadonlySet<unknown>;

/** What each named specifier (`{x:list}`, `{x:image(detail=low)}`) takes. */
interface SpecifierTypes {
  list: List;
  lists: readonly List[] | ReadonlySet<List>;
  text: string;
  texts: readonly string[];
  part: Part;
  parts: readonly Part[];
  image: MediaSource | null | undefined;
  images: readonly MediaSource[];
  audio: MediaSource | null | undefined;
  audios: readonly MediaSource[];
  document: MediaSource | null | undefined;
  documents: readonly MediaSource[];
}

/**
 * One message that `MESSAGES: {history}` takes: a neutral one or a provider's own. The role may be optional because it
 * is in some SDKs' types (Gemini, Bedrock); rendering insists on it.
 */
export interface TemplateMessage {
  readonly role?: string | undefined;
}

// The last letter of a format decides; without one of these (`s`, a bare width) strings and numbers are both fine.
type IntegerFormat = `${string}${"d" | "x" | "X" | "o" | "b"}`;
type NumberFormat = `${string}${"f" | "e" | "g" | "%" | "c" | "n"}`;

type FormatType<Format extends string> = Format extends ""
  ? unknown
  : Format extends IntegerFormat
    ? number | bigint
    : Format extends NumberFormat
      ? number
      : string | number;

type SpecifierType<Specifier extends string> = Specifier extends keyof SpecifierTypes
  ? SpecifierTypes[Specifier]
  : Specifier extends `${infer Name extends keyof SpecifierTypes}(${string}`
    ? SpecifierTypes[Name]
    : FormatType<Specifier>;

// A variable as [first name of its path, the rest of the path, what it takes].
type Variable = readonly [key: string, rest: string, type: unknown];

type ToVariable<Path extends string, Type> = Path extends `${infer Key}.${infer Rest}`
  ? [Key, Rest, Type]
  : [Path, "", Type];

// What stands between two braces: `path`, `path!r`, `path:specifier`; `:cache_control` names no variable.
type Field<Body extends string, Plain> = Body extends `${infer Name}:${infer Specifier}`
  ? Name extends ""
    ? never
    : Name extends `${infer Path}!${string}`
      ? ToVariable<Path, unknown>
      : ToVariable<Name, SpecifierType<Specifier>>
  : Body extends `${infer Path}!${string}`
    ? ToVariable<Path, unknown>
    : ToVariable<Body, Plain>;

type IsBlank<Text extends string> = Text extends ""
  ? true
  : Text extends `${" " | "\t" | "\n" | "\r"}${infer Rest}`
    ? IsBlank<Rest>
    : false;

// The text after the last line break; text in the middle of a line (`Fresh` false) is never blank.
type LastLine<Text extends string, Fresh> = Text extends `${string}\n${infer Rest}`
  ? LastLine<Rest, true>
  : Fresh extends true
    ? Text
    : "-";

// What a plain `{x}` takes after this text: messages when the text ends with a keyword `MESSAGES:` on its own line.
type PlainType<Before extends string, Fresh> = Before extends `${infer Line}MESSAGES:${infer After}`
  ? IsBlank<After> extends true
    ? IsBlank<LastLine<Line, Fresh>> extends true
      ? readonly TemplateMessage[]
      : unknown
    : PlainType<After, false>
  : unknown;

// Tail recursive, one step a brace: long templates stay far from the compiler's depth limit.
type Collect<Text extends string, Fresh = true, Found = never> = Text extends `${infer Before}{${infer After}`
  ? After extends `{${infer Rest}`
    ? Collect<Rest, false, Found>
    : After extends `${infer Body}}${infer Rest}`
      ? Collect<Rest, false, Found | Field<Body, PlainType<Before, Fresh>>>
      : Found
  : Found;

type RestOf<Found> = Found extends readonly [string, infer Rest extends string, infer Type]
  ? Rest extends ""
    ? never
    : ToVariable<Rest, Type>
  : never;

// A union in the parameter's place is inferred as an intersection: a variable used twice must suit both uses.
type LeafOf<Found> = (Found extends readonly [string, "", infer Type] ? (type: Type) => void : never) extends (
  type: infer All,
) => void
  ? All
  : never;

type ValueOf<Found extends Variable> = [RestOf<Found>] extends [never]
  ? LeafOf<Found>
  : LeafOf<Found> & ObjectOf<RestOf<Found>>;

type Grouped<Found extends Variable> = { [One in Found as One[0]]: One };

type ObjectOf<Found extends Variable> = Flatten<{
  [Key in keyof Grouped<Found>]: Grouped<Found>[Key] extends infer Group extends Variable ? ValueOf<Group> : never;
}>;

/** An intersection of objects as one plain object type, which hovers well and compares equal to a written one. */
export type Flatten<Type> = { [Key in keyof Type]: Type[Key] };

type None = Record<never, never>;

// An empty object satisfies a record of `string` or of a pattern, but not one of a literal's single key.
type Variables<Text extends string> =
  None extends Record<Text, true> ? Record<string, unknown> : ObjectOf<Collect<Text>>;

/**
 * The argument object of a string template: one property a variable, typed by its format specifier. `{a.b}` nests, a
 * variable used twice must suit both uses, `{{` and `}}` are literal braces. Without variables no property is allowed;
 * a text that is no literal gives `Record<string, unknown>`.
 */
export type TemplateArgs<Text extends string> = keyof Variables<Text> extends never
  ? Record<string, never>
  : Variables<Text>;

// An own argument type is kept as it was written where it suits the template, and narrowed to what the template takes
// where it does not.
type Narrowed<Args, Wanted> = {
  [Key in keyof Args]: Key extends keyof Wanted
    ? Args[Key] extends Wanted[Key]
      ? Args[Key]
      : Args[Key] & Wanted[Key]
    : Args[Key];
};

/**
 * The argument object of a template with a function: the function's own arguments `Args`, and the template's variables
 * that are neither among them nor among the computed fields `Computed`.
 */
export type TemplateFunctionArgs<Text extends string, Args, Computed> = Flatten<
  Omit<Variables<Text>, keyof Computed | keyof Args> & Narrowed<Args, Omit<Variables<Text>, keyof Computed>>
>;

/** The parameter list for an argument object: it may be left out when nothing in it is required. */
export type TemplateParameters<Args> = None extends Args ? [args?: Args] : [args: Args];
