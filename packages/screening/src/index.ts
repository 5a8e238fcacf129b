export { type AttackClass, attackClasses, describeClass, type Finding } from "./finding.ts";
export { type ScoreExample, screeningRules, type ScreeningRule } from "./rule-catalogue.ts";
export { screen, type ScreenOptions, type ScreenProfile, screenProfiles } from "./screen.ts";
export { isDataUrl } from "./text/data-urls.ts";
