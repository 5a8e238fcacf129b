import type { Variables } from "../../config/loader/environment.ts";
import { docsPage } from "../../config/settings/docs-page.ts";
import { settings } from "../../config/settings/schema.ts";
import { agentController, type Member, originOf } from "./members.ts";

/** A member that runs. */
interface RunningMember extends Member {
  readonly port: number;
  readonly pid: number | undefined;
}

/** What runs where, and what to try: the last lines that the demo prints when it is up. */
export function describeDemo(members: readonly RunningMember[], env: Variables, consoleUrl: string | undefined): string {
  const list = members.map((each) => `  ${each.name.padEnd(18)}${originOf(each, each.port)}  pid ${each.pid}`);
  const gateway = members.find(({ name }) => name === "gateway");
  const origin = gateway === undefined ? "" : originOf(gateway, gateway.port);
  const controller = members.find(({ name }) => name === agentController.name);
  const body = JSON.stringify({ query: "What is the capital of France?" });
  const stopOne = [`Stop the agent controller and ask again: the gateway falls back to the knowledge system.\n  kill ${controller?.pid}`];
  return `${[
    `\nThe village is up:\n${list.join("\n")}`,
    ...(consoleUrl === undefined ? [] : [`See it live:\n  ${consoleUrl}`]),
    `Ask it:\n  curl -s ${origin}/v1/query -H ${authorization(env)} -H 'Content-Type: application/json' -d '${body}'`,
    ...(controller === undefined ? [] : stopOne),
    `Next: ${docsPage("operations.md")}`,
    "Ctrl-C stops everything.\n",
  ].join("\n\n")}\n`;
}

/** The header with the key, quoted for a shell. A key that is kept in a file stays there. */
function authorization({ API_KEY: key = developmentKey(), API_KEY_FILE: file }: Variables): string {
  return file === undefined ? `'Authorization: Bearer ${key}'` : `"Authorization: Bearer $(cat '${file}')"`;
}

/** The default key, which everybody knows. */
function developmentKey(): string {
  return String(settings.find(({ env }) => env === "API_KEY")?.default);
}
