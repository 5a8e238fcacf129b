/** Writes the API reference of all packages from their TSDoc to `docs/api`, a page for each entry point. Typedoc brings its own TypeScript. */
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Application } from "typedoc";

import { slugOf } from "../.vitepress/links.ts";

const docs = join(import.meta.dirname, "..");
const api = join(docs, "api");

rmSync(api, { recursive: true, force: true });
const application = await Application.bootstrapWithPlugins({ options: join(docs, "typedoc.json") });
const project = await application.convert();
if (project === undefined) throw new Error("typedoc could not read the packages");
await application.generateOutputs(project);
if (application.logger.hasErrors()) throw new Error("typedoc reported errors");

/** Anchors count repeated headings. Typedoc also counts those that it leaves out, so what has no heading means the first one. */
function fixAnchors(text: string): string {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.matchAll(/^#+ (.+)$/gm)) {
    const slug = slugOf(heading.replaceAll("\\", ""));
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return text.replaceAll(/\(#([\w-]+?)-\d+\)/g, (link: string, first: string) => (anchors.has(link.slice(2, -1)) ? link : `(#${first})`));
}

// Pages are named after the folder of their entry point; readers look for what they import.
for (const page of globSync("**/src{,/*}.md", { cwd: api })) {
  const name = page.replace(/\/src\b/, "").replace(/\.md$/, "");
  const text = readFileSync(join(api, page), "utf8");
  writeFileSync(join(api, page), fixAnchors(text).replace(/^# .+/, `# API of @aivillage/${name}`));
}
