export { type AttackClass, attackClasses, describeClass, type Finding } from "./finding.ts";
export { type ScoreExample, screeningRules, type ScreeningRule } from "./rule-catalogue.ts";
export { type ScreenOptions, type ScreenProfile, screenProfiles } from "./options.ts";
export { screen } from "./screen.ts";
export { isDataUrl } from "./text/data-urls.ts";
