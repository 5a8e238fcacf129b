import { getInput, sanitizeInput } from "@aivillage/input-sanitizer";
import { compose, type Handler, HttpProblem } from "@aivillage/middleware";

import { levelOf, type LogLevel, logLevels, setLevelOf } from "../state/log-level.ts";
import type { AdminSource } from "./admin-source.ts";
import { noteSubject } from "./audit.ts";
import { changeAll } from "./change-all.ts";
import { respondWith } from "./respond.ts";

const body = {
  type: "object",
  properties: { level: { enum: logLevels.flatMap((level) => [level, level.toUpperCase()]) } },
  required: ["level"],
  additionalProperties: false,
};

/** The level, as `LOG_LEVEL` spells it. */
export async function showLogLevel({ fleet }: AdminSource): Promise<{ level: string | null }> {
  const { replies } = await fleet.all("report");
  return { level: replies[0]?.log_level?.toUpperCase() ?? null };
}

/** Sets the level of all processes, until it is set again or they end. */
export function setLogLevel({ fleet, logger }: AdminSource): Handler {
  const sanitize = sanitizeInput({ body, limits: { bodyBytes: 1_024 }, screening: false });
  return compose(
    sanitize,
    respondWith(async (req) => {
      const { level } = getInput<{ body: { level: string } }>(req)?.body ?? { level: "" };
      const requested = level.toLowerCase() as LogLevel;
      noteSubject(req, { from: levelOf(logger)?.toUpperCase(), to: requested.toUpperCase() });
      const changed = await changeAll(fleet, "setLogLevel", requested);
      if (changed.includes(false)) throw noLevel();
      setLevelOf(logger, requested);
      return { level: requested.toUpperCase() };
    }),
  );
}

function noLevel(): HttpProblem {
  return new HttpProblem({
    status: 501,
    type: "not-implemented",
    detail: "The logger of this gateway has no level. The program that embeds it brought its own.",
  });
}
