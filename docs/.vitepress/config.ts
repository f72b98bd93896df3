import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type DefaultTheme, defineConfigWithTheme } from "vitepress";
import { type Choice, switchScript, switchStyle } from "./theme/switch-head.ts";

const root = resolve(import.meta.dirname, "../..");

// Written by scripts/site.ts beside the pages: what the documentation has.
const { sidebar, providers, styles, hero } = JSON.parse(
  readFileSync(resolve(root, ".cache/site/site.json"), "utf8"),
) as {
  sidebar: DefaultTheme.Sidebar;
  providers: readonly Choice[];
  styles: readonly Choice[];
  /** The first program, highlighted. */
  hero: string;
};

/** A list that the reader chooses from. */
interface Switch {
  readonly axis: "p" | "s";
  readonly label: string;
  readonly choices: readonly Choice[];
}

const switches: readonly Switch[] = [
  { axis: "p", label: "Provider", choices: providers },
  { axis: "s", label: "Prompts as", choices: styles },
];

const themes = { light: "github-light-high-contrast", dark: "github-dark-high-contrast" } as const;

/** A little of each language of the pages. */
const samples = {
  ts: 'import { a, type B } from "b";\n/** C. */\nexport const f = async <T>(x: string): Promise<T> => `a`; // d\nclass D { readonly e = 1; }\n',
  python: 'from a import b\n@c("d")\ndef e(f: str) -> str:\n    return f"g {h}" # i\n',
  sh: "npm install a && cd b\n",
  json: '{ "a": [1, true, "b"] }\n',
};

/** The places in a page have the names that they have where the Markdown itself is read. */
function slugify(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

export default defineConfigWithTheme<DefaultTheme.Config & { switches: readonly Switch[]; hero: string }>({
  title: "callscope",
  description: "One typed function is one prompt is one LLM call, on the providers' own SDKs.",
  lang: "en",
  srcDir: resolve(root, ".cache/site"),
  cacheDir: resolve(root, ".cache/vitepress"),
  outDir: resolve(root, "docs/.vitepress/dist"),
  cleanUrls: false,
  lastUpdated: false,
  metaChunk: true,
  head: [
    ["link", { rel: "icon", href: "/mark.svg", type: "image/svg+xml" }],
    ["meta", { name: "theme-color", content: "#5b3fd6" }],
    ["script", {}, switchScript(providers, styles)],
    ["style", {}, switchStyle(providers, styles)],
  ],
  // Its esbuild knows no target as new as the package's.
  vite: {
    build: { chunkSizeWarningLimit: 2_000 },
    esbuild: { tsconfigRaw: { compilerOptions: { target: "es2022" } } },
  },
  markdown: {
    theme: themes,
    anchor: { slugify },
    // The grammars are compiled without the limit of time for a line, which on a busy machine leaves code in one colour.
    async shikiSetup(shiki) {
      for (const [lang, code] of Object.entries(samples)) {
        await shiki.loadLanguage(lang as keyof typeof samples);
        shiki.codeToHtml(code, { lang, themes, tokenizeTimeLimit: 0 });
      }
    },
    // Braces in code are code, not Vue's.
    config: (md) => {
      md.renderer.rules.code_inline = (tokens, index) =>
        `<code v-pre>${md.utils.escapeHtml(tokens[index]?.content ?? "")}</code>`;
    },
  },
  themeConfig: {
    siteTitle: "callscope",
    logo: "/mark.svg",
    nav: [
      { text: "Guide", link: "/start", activeMatch: "^/(start|prompts|calls)$" },
      { text: "Recipes", link: "/programs", activeMatch: "^/(recipes/|programs)" },
      { text: "Providers", link: "/providers", activeMatch: "^/(providers|compatibility)" },
      { text: "Reference", link: "/reference/callscope", activeMatch: "^/(reference|errors)/" },
      { text: "Coming from", link: "/coming-from/mirascope", activeMatch: "^/coming-from/" },
    ],
    sidebar: sidebar,
    outline: { level: [2, 3] },
    search: {
      provider: "local",
      options: {
        // What is found is text and the first of each block's variants, in no colours; whole programs are not searched.
        _render(source, env, md) {
          if (source.startsWith("---\nsearch: false\n")) return "";
          md.options.highlight = (code) => `<pre><code>${md.utils.escapeHtml(code)}</code></pre>`;
          return md.render(source.replaceAll(/^<div class="example other"[\s\S]*?^<\/div>$/gm, ""), env);
        },
      },
    },
    switches,
    hero,
    docFooter: { prev: "Before", next: "Next" },
  },
});
