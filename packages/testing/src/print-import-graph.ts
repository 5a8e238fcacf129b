// Prints the circles between files and folders of packages: `node --conditions=@aivillage/source print-import-graph.ts [PACKAGE ...]`.
import { circularArrows } from "./import-graph.ts";
import { workspacePackages } from "./workspace.ts";

const asked = process.argv.slice(2);
for (const each of workspacePackages.filter(({ folder }) => asked.length === 0 || asked.includes(folder))) {
  const arrows = circularArrows(each);
  process.stdout.write(`${each.folder}: ${arrows.length === 0 ? "no circle" : `${arrows.length} arrows in circles`}\n`);
  for (const { folder, from, to, cause } of arrows) process.stdout.write(`  ${folder}: ${from} -> ${to}   (${cause})\n`);
}
