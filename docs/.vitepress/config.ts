import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type DefaultTheme, defineConfigWithTheme } from "vitepress";
import { type Choice, switchScript, switchStyle } from "./theme/switch.ts";

const root = resolve(import.meta.dirname, "../..");

// Written by scripts/site.ts beside the pages: what the documentation has.
const { sidebar, providers, styles } = JSON.parse(readFileSync(resolve(root, ".cache/site/site.json"), "utf8")) as {
  sidebar: DefaultTheme.Sidebar;
  providers: readonly Choice[];
  styles: readonly Choice[];
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

export default defineConfigWithTheme<DefaultTheme.Config & { switches: readonly Switch[] }>({
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
  vite: { esbuild: { tsconfigRaw: { compilerOptions: { target: "es2022" } } } },
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    anchor: { level: [2, 3, 4] },
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
      { text: "Reference", link: "/start", activeMatch: "^/(reference|errors)/" },
      { text: "Coming from", link: "/coming-from/mirascope", activeMatch: "^/coming-from/" },
    ],
    sidebar: sidebar,
    outline: { level: [2, 3] },
    search: { provider: "local" },
    switches,
    docFooter: { prev: "Before", next: "Next" },
  },
});
