/** How often a property is tried: a few times in the suite, `PROPERTY_RUNS` times as often in the soak. */
export const runs = (inTheSuite: number): { numRuns: number } => ({ numRuns: inTheSuite * Number(process.env["PROPERTY_RUNS"] ?? 1) });
