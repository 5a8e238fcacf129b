import { createRequire } from "node:module";

import { defineConfig, type MarkdownRenderer, type UserConfig } from "vitepress";

import { rewriteLinks, slugOf } from "./links.ts";
import { excludedFiles, pageOf } from "./pages.ts";
import { sidebar } from "./sidebar.ts";

type Plugin = Extract<NonNullable<NonNullable<UserConfig["vite"]>["plugins"]>[number], { name: string }>;

/** Pages are Markdown as GitHub reads it: no HTML, and no braces that Vue would evaluate. */
function writePlainMarkdown(markdown: MarkdownRenderer): void {
  rewriteLinks(markdown);
  const { text, code_inline: code } = markdown.renderer.rules;
  const escaped = (html: string): string => html.replaceAll("{{", "&#123;&#123;");
  if (text !== undefined) markdown.renderer.rules.text = (...parts) => escaped(text(...parts));
  if (code !== undefined) markdown.renderer.rules.code_inline = (...parts) => escaped(code(...parts));
}

const fromVitePress = createRequire(createRequire(import.meta.url).resolve("vitepress/package.json"));

/** Pages outside this folder would not find the Vue of VitePress when they are rendered to files. */
const vueOfVitePress: Plugin = {
  name: "vue-of-vitepress",
  enforce: "pre",
  resolveId(source, _importer, { ssr }) {
    if (ssr !== true || !/^vue(\/server-renderer)?$/.test(source)) return undefined;
    return { id: fromVitePress.resolve(source).replace(/index\.js$/, "index.mjs"), external: true };
  },
};

export default defineConfig({
  title: "AIVillage Gateway",
  description: "HTTP middleware packages and a gateway for teams that serve AI.",
  lang: "en",
  // Set it where the site is not at the root of its host.
  base: process.env["DOCS_BASE"] ?? "/",
  // Pages stay where readers of the repository find them: in docs, and beside the packages and examples that they are about.
  srcDir: "..",
  srcExclude: [...excludedFiles],
  rewrites: (file) => pageOf(file) ?? file,
  markdown: {
    // The default themes have less contrast than text needs.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    html: false,
    anchor: { slugify: slugOf },
    config: writePlainMarkdown,
    languageAlias: { mjs: "js", cjs: "js" },
  },
  metaChunk: true,
  // Browsers request a favicon unless the page declares one, so declare an empty one.
  head: [["link", { rel: "icon", href: "data:," }]],
  // A page of the API is as long as the package is large, and VitePress warns of every one of them.
  vite: { build: { chunkSizeWarningLimit: 4_000 }, plugins: [vueOfVitePress] },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: {
      provider: "local",
      options: {
        // Options are found in the pages of their packages; the API pages have the same words many times.
        _render: (text, env, markdown) => (/^packages\/[\w-]+\/api/.test(env.relativePath) ? "" : markdown.render(text, env)),
      },
    },
    nav: [
      { text: "Guides", link: "/guides/" },
      { text: "Packages", link: "/packages/" },
      { text: "Settings", link: "/configuration" },
      { text: "Troubleshooting", link: "/troubleshooting" },
    ],
    socialLinks: [{ icon: "github", link: "https://github.com/aivillage/gateway" }],
  },
});
