import { parseArgs } from "node:util";

export const usage = `Usage: aivillage-gateway [command] [options]

Commands:
  start          start the gateway (default)
  check-config   load the configuration, tell every fault, and end
  print-config   print the configuration in use as YAML, secrets left out
  schema         print the JSON Schema of the configuration file, for editors
  keys           create, list, rotate, revoke and verify API keys: see keys --help
  penalties      list the clients under suspicion and lift their penalties: see penalties --help

Options:
  --config FILE  YAML file; default: the environment variable CONFIG_FILE
  --port PORT    port to listen on; wins over file and environment
  --help         this text
  --version      the version

Environment variables win over the file. docs/configuration.md lists them all.
Signals: SIGTERM and SIGINT stop in order, SIGHUP loads the configuration again, SIGUSR2 replaces the workers one by one.
`;

const commands = ["start", "check-config", "print-config", "schema"] as const;
type Command = (typeof commands)[number];

/** What the command line asks for. */
export interface CliArguments {
  command: Command | "help" | "version";
  config?: string;
  port?: string;
}

/** @throws Error that says which argument is wrong; `usage` says what is right */
export function readArguments(argv: readonly string[]): CliArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      config: { type: "string" },
      port: { type: "string" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
  if (values.help === true) return { command: "help" };
  if (values.version === true) return { command: "version" };
  const [name = "start", extra] = positionals;
  const command = commands.find((known) => known === name);
  if (command === undefined) throw new Error(`unknown command \`${name}\`: expected ${commands.join(", ")}, keys or penalties`);
  if (extra !== undefined) throw new Error(`unexpected argument \`${extra}\` after \`${name}\``);
  const { config, port } = values;
  return { command, ...(config !== undefined && { config }), ...(port !== undefined && { port }) };
}
