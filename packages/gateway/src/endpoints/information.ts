import type { Handler } from "@aivillage/middleware";

import { version } from "../version.ts";
import type { Surroundings } from "./endpoint.ts";

/** The response of `/`: what this is and where its endpoints are. Made once. */
export function information({ config: { environment }, endpoints }: Surroundings): Handler {
  const body = JSON.stringify({
    name: "AIVillage Gateway",
    version,
    environment,
    status: "running",
    endpoints: Object.fromEntries(endpoints.flatMap(({ listedAs, path }) => (listedAs === undefined ? [] : [[listedAs, path]]))),
  });
  const length = Buffer.byteLength(body);

  return function informationHandler(_req, res) {
    res.setHeader("Content-Type", "application/json; charset=utf-8");
    res.setHeader("Content-Length", length);
    res.end(body);
  };
}
