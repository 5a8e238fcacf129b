import type { Status } from "../../admin/show-status.ts";
import { loadConfig } from "../../config/load-config.ts";
import { hasAdmin } from "../../config/rules/admin-rules.ts";
import { CommandError } from "../cli-error.ts";
import type { CliIo, ConfigFlags } from "../cli-io.ts";
import { sourcesOf } from "../sources.ts";
import { askAdmin } from "./ask-admin.ts";
import { describeStatus } from "./describe-status.ts";

/** The flags of `status`. */
export interface StatusFlags extends ConfigFlags {
  readonly json?: boolean;
  readonly keyFile?: string;
}

/**
 * `status`: asks the admin listener of the gateway that runs by this configuration, and prints what it says.
 *
 * @throws ConfigError for the configuration, and CommandError when there is no admin listener or no usable response
 */
export async function status({ json = false, keyFile, ...flags }: StatusFlags, io: CliIo): Promise<number> {
  const config = loadConfig(sourcesOf(flags, io));
  if (!hasAdmin(config)) throw new CommandError("there is no admin listener: set ADMIN_PORT or ADMIN_SOCKET, and start the gateway again");
  const text = await askAdmin(config.admin, "/status", keyFile);
  io.stdout.write(json ? text : describeStatus(JSON.parse(text) as Status));
  return 0;
}
