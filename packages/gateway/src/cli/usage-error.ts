import type { Command, CommanderError } from "commander";

/** No key has so few letters. */
const shortWord = /^-{0,2}[a-z][a-z-]{0,15}$/i;

/** What is wrong with a command line. It repeats nothing that may be a key. */
export function describeUsageError({ code, message }: CommanderError, command: Command): string {
  const commands = command.commands.map((each) => each.name()).join(", ");
  if (code === "commander.help") return `expected a command: ${commands}`;
  const [text = "", suggestion = ""] = message.replace(/^error: /, "").split("\n(Did you mean ");
  if (code === "commander.excessArguments") return text.replace(/: .*$/s, "").replace(". Expected", ": expected");
  if (code !== "commander.unknownCommand" && code !== "commander.unknownOption") return text;
  const [what = "", word = ""] = text.split(/ '(.*)'$/s);
  const [name = ""] = word.split("=");
  const shown = shortWord.test(name) ? `${what} \`${name}\`` : what;
  if (suggestion !== "") return `${shown}: did you mean ${suggestion.slice(0, -1)}`;
  return code === "commander.unknownCommand" ? `${shown}: expected ${commands}` : shown;
}
