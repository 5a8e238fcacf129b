import { type LiveConsole, liveConsole, type NotedChange } from "@aivillage/console";

import type { ReloadResult } from "../state/recent-reloads.ts";
import { version } from "../version.ts";
import type { AdminSource } from "./admin-source.ts";
import { changeAll } from "./change-all.ts";
import { listed } from "./penalties.ts";

export const consolePath = "/console";

/** The live page of all processes that serve. Who may reach what of it is decided before. */
export function adminConsole(source: AdminSource): LiveConsole {
  const { config, fleet, metrics } = source;
  return liveConsole({
    path: consolePath,
    title: "AIVillage Gateway",
    access: () => "change",
    anonymise: config.admin.anonymise,
    registry: metrics,
    activity: async (request) => (await fleet.all("activity", request)).replies,
    limiter: {
      penalties: () => listed(fleet),
      clear: async (client) => (await changeAll(fleet, "clearPenalty", client)).includes(true),
    },
    facts: () => ({ version, environment: source.config.environment }),
    changes: () => source.reloads.map(noteOf),
  });
}

function noteOf({ outcome, at, reason, changed, needRestart, problems }: ReloadResult): NotedChange {
  const succeeded = outcome === "succeeded";
  const done = changed.length === 0 ? "nothing changed" : `changed ${changed.join(", ")}`;
  const later = needRestart.length === 0 ? "" : `; a restart is needed for ${needRestart.join(", ")}`;
  const text = succeeded
    ? `${done}${later} (${reason})`
    : `reload failed, the previous configuration stays (${reason}): ${problems.join("; ")}`;
  return { at: Date.parse(at), kind: "configuration", mood: succeeded ? "good" : "bad", text };
}
