/** Tries every property of the suite a hundred times as often. */
process.env["PROPERTY_RUNS"] = "100";
await import("./memory-store.properties.test.ts");
await import("./changed-policy.test.ts");
