/** Checks the built site: its links and anchors, and three pages in Chromium. Prints what is wrong, and ends with 1. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { browserProblems } from "./browser-problems.ts";
import { serveSite } from "./serve-site.ts";
import { linkProblems } from "./site-links.ts";

const dist = join(import.meta.dirname, "../.vitepress/dist");
if (!existsSync(join(dist, "index.html"))) throw new Error("the site is not built: run npx -y pnpm@12 docs:build");

await using site = await serveSite(dist);
const problems = [...linkProblems(dist), ...(await browserProblems(site.url, ["/", "/packages/rate-limit/", "/configuration.html"]))];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(problems.length === 0 ? "The site is complete.\n" : `${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
