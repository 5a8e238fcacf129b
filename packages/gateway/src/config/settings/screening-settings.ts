import type { ScreeningExclusion, ScreeningMode } from "./screening-config.ts";
import { fileSetting, setting } from "./setting.ts";

/** How the text of requests is screened for attacks. */
export const screeningSettings = {
  mode: setting<ScreeningMode>(
    "SCREENING_MODE",
    "screening-mode",
    "block",
    "What happens to input that looks like an attack: `block` refuses it, `flag` reports it and lets it through",
  ),
  exclude: fileSetting<ScreeningExclusion[]>("exclusions", [], "Screening rules that do not count, everywhere or in a field or route"),
};
