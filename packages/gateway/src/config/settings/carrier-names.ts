/** Headers that can carry a key or token: those that the proxy keeps from services anyway. */
export const carrierNames: readonly string[] = ["authorization", "x-api-key", "api-key", "x-goog-api-key", "ocp-apim-subscription-key"];
