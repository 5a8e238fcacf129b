/** Finds what the links of the built site miss: pages, anchors, files of its own, and pages that no other page leads to. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

import { Parser } from "htmlparser2";

interface Page {
  readonly ids: ReadonlySet<string>;
  readonly links: readonly string[];
  /** What the browser loads by itself. */
  readonly loaded: readonly string[];
}

function readPage(file: string): Page {
  const ids = new Set<string>();
  const links: string[] = [];
  const loaded: string[] = [];
  const parser = new Parser({
    onopentag(name, { id, href, src }) {
      if (id !== undefined) ids.add(id);
      if (name === "a" && href !== undefined) links.push(href);
      if (name === "link" && href !== undefined) loaded.push(href);
      if (src !== undefined) loaded.push(src);
    },
  });
  parser.end(readFileSync(file, "utf8"));
  return { ids, links, loaded };
}

/** The file that an address of the site names, and the anchor in it; `undefined` for other sites. */
function targetOf(page: string, href: string): { file: string; anchor: string } | undefined {
  if (/^[a-z][a-z+.-]*:|^\/\//i.test(href)) return undefined;
  const [path = "", anchor = ""] = href.split("#");
  const joined = path === "" ? page : posix.join(path.startsWith("/") ? "" : posix.dirname(page), path.replace(/^\//, ""));
  const file = joined === "." || path.endsWith("/") ? posix.join(joined, "index.html") : joined;
  return { file: /\.\w+$/.test(file) ? file : `${file}.html`, anchor: decodeURIComponent(anchor) };
}

/** What is wrong with the links of the site in this folder, one line for each. */
export function linkProblems(dist: string): string[] {
  const pages = new Map(globSync("**/*.html", { cwd: dist }).map((file) => [file, readPage(join(dist, file))]));
  const problems: string[] = [];
  const linked = new Set(["index.html", "404.html"]);
  for (const [name, { links, loaded }] of pages) {
    for (const href of loaded) {
      const target = targetOf(name, href);
      if (href.startsWith("data:")) continue;
      if (target === undefined) problems.push(`${name} loads ${href} from another host`);
      else if (!existsSync(join(dist, target.file))) problems.push(`${name} loads ${href}, which does not exist`);
    }
    for (const href of links) {
      const target = targetOf(name, href);
      if (target === undefined) continue;
      if (target.file !== name) linked.add(target.file);
      const page = pages.get(target.file);
      if (page === undefined) problems.push(`${name} links to ${href}, which is no page`);
      else if (target.anchor !== "" && !page.ids.has(target.anchor)) problems.push(`${name} links to ${href}, which has no such anchor`);
    }
  }
  return [...problems, ...[...pages.keys()].filter((page) => !linked.has(page)).map((page) => `no page links to ${page}`)];
}
