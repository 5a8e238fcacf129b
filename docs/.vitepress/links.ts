/** Links between files of the repository, which work on GitHub too, become links between pages of the site. */
import { existsSync, statSync } from "node:fs";
import { join, posix } from "node:path";

import type { MarkdownRenderer } from "vitepress";

import { pageOf } from "./pages.ts";

const root = join(import.meta.dirname, "../..");
const repository = "https://github.com/aivillage/gateway";

/** Where a link of a file leads: a page, the file on GitHub if no page shows it, or elsewhere unchanged. */
function linkOf(file: string, href: string): string {
  if (/^[a-z][a-z+.-]*:|^#|^\/\//i.test(href)) return href;
  const [path = "", hash] = href.split("#");
  const target = posix.join(posix.dirname(file), path).replace(/\/$/, "");
  // No page has this path, so the check of links finds it.
  if (!existsSync(join(root, target))) return `/no-such-file/${target}`;
  const isFolder = existsSync(join(root, target)) && statSync(join(root, target)).isDirectory();
  const page = existsSync(join(root, isFolder ? `${target}/README.md` : target))
    ? pageOf(isFolder ? `${target}/README.md` : target)
    : undefined;
  if (page === undefined) return `${repository}/${isFolder ? "tree" : "blob"}/main/${target}${hash === undefined ? "" : `#${hash}`}`;
  return `/${page.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, ".html")}${hash === undefined ? "" : `#${hash}`}`;
}

/** The anchor that GitHub gives to a heading, so that one link works in both places. */
export function slugOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
}

/** Rewrites the links and pictures of a page before VitePress reads them. */
export function rewriteLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push("repository-links", ({ tokens, env }) => {
    const file = ((env as { realPath?: string }).realPath ?? "").slice(root.length + 1);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type !== "link_open") continue;
      const href = token.attrGet("href");
      if (href !== null) token.attrSet("href", linkOf(file, href));
    }
  });
}
