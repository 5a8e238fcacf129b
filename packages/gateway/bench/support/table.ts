/** Prints a Markdown table. */
export function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  process.stdout.write(line(head) + line(widths.map((width) => "-".repeat(width))) + rows.map(line).join(""));
}
