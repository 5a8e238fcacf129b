import type { Status } from "../../admin/show-status.ts";
import { type AdminFlags, askAdmin } from "../ask-admin.ts";
import type { CliIo } from "../cli-io.ts";
import { describeStatus } from "./describe-status.ts";

/**
 * `status`: asks the admin listener of the gateway that runs by this configuration, and prints what it says.
 *
 * @throws ConfigError for the configuration, and CommandError when there is no admin listener or no usable response
 */
export async function status(flags: AdminFlags, io: CliIo): Promise<number> {
  const text = await askAdmin(flags, io, { path: "/status" });
  io.stdout.write(flags.json === true ? text : describeStatus(JSON.parse(text) as Status));
  return 0;
}
