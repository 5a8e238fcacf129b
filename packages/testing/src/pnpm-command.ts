/** How to start pnpm: the one that runs this program, or the one that npm fetches. npx takes a second or more to find its own. */
export function pnpmCommand(args: readonly string[]): { readonly command: string; readonly args: readonly string[] } {
  const current = process.env["npm_execpath"] ?? "";
  if (!current.includes("pnpm")) return { command: "npx", args: ["-y", "pnpm@12", ...args] };
  if (/\.[cm]?js$/.test(current)) return { command: process.execPath, args: [current, ...args] };
  return { command: current, args };
}
