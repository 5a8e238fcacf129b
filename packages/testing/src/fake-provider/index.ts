export type { ReportedUsage, WireCapture } from "./capture.ts";
export { wireCaptures } from "./captures.ts";
export { type FakeProvider, type ProviderCall, startFakeProvider } from "./fake-provider.ts";
export { countTokens } from "./tokens.ts";
