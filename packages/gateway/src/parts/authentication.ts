import { apiKeyAuth } from "@aivillage/api-key-auth";
import type { Handler } from "@aivillage/middleware";

import { readApiKeysFile } from "../config/api-keys-file.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";

/** Reads credentials and refuses nothing yet: the key of the configuration, those of the keys file, and tokens signed with the secret key. */
export function authenticationPart({ auth: { apiKey, secretKey, apiKeysFile } }: GatewayConfig): Handler {
  return apiKeyAuth({
    keys: [{ id: "default", name: "API_KEY", secret: apiKey }, ...readApiKeysFile(apiKeysFile)],
    jwt: { secret: secretKey },
    realm: "aivillage-gateway",
    deferRefusal: true,
  });
}
