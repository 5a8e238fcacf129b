import { screenFormFields } from "@aivillage/input-sanitizer";
import { defined, nearest, OptionError } from "@aivillage/middleware";

import { servicePaths } from "../settings/built-in-paths.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import type { ScreeningExclusion } from "../settings/screening-config.ts";

/** Exclusions whose rule, field or route does not exist. They would exclude nothing. */
export function screeningProblems({ screening, routes }: GatewayConfig): string[] {
  const paths = [...new Set([...servicePaths, ...routes.map(({ path }) => path)])];
  return screening.exclude.flatMap((each, index) =>
    [...routeProblem(each, paths), ...ruleProblem(each)].map((problem) => `\`screening.exclude\`[${index}].${problem}`),
  );
}

function routeProblem({ route }: ScreeningExclusion, paths: readonly string[]): string[] {
  if (route === undefined || paths.includes(route)) return [];
  const near = nearest(route, paths);
  const remedy = near === undefined ? `give one of ${paths.slice(0, 20).join(", ")}` : `did you mean ${near}?`;
  return [`route ${route} is not the path of a route: ${remedy}`];
}

/** Only the sanitizer knows its rules. */
function ruleProblem({ rule, field }: ScreeningExclusion): string[] {
  try {
    screenFormFields({ exclude: [defined({ rule, field })] });
    return [];
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const { option, expected, got, nearest: near } = error;
    return [`${option.replace(/^.*\./, "")} must be ${expected}, got ${got}${near === undefined ? "" : ` (did you mean ${near}?)`}`];
  }
}
