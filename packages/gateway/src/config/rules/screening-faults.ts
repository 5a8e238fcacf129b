import { screenFormFields } from "@aivillage/input-sanitizer";
import { nearest, optionReason } from "@aivillage/middleware";

import { servicePaths } from "../settings/built-in-paths.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";

/** Exclusions whose rule, field or route does not exist. They would exclude nothing. */
export function screeningFaults({ screening, routes }: GatewayConfig): string[] {
  const paths = [...new Set([...servicePaths, ...routes.map(({ path }) => path)])];
  return screening.exclude.flatMap(({ rule, field, route }, index) => {
    const place = `\`screening.exclude\`[${index}]`;
    const faults =
      route === undefined || paths.includes(route) ? [] : [`${place}.route ${route} is not the path of a route${guess(route, paths)}`];
    try {
      screenFormFields({ exclude: [{ rule, ...(field !== undefined && { field }) }] });
    } catch (error) {
      faults.push(
        optionReason(error)
          .replace(/^option `screening\.exclude\[0\]/, `${place}`)
          .replace("` must", " must"),
      );
    }
    return faults;
  });
}

function guess(route: string, paths: readonly string[]): string {
  const near = nearest(route, paths);
  return near === undefined ? `: give one of ${paths.slice(0, 20).join(", ")}` : `: did you mean ${near}?`;
}
