import { apiKeyAuth } from "@aivillage/api-key-auth";
import type { Handler } from "@aivillage/middleware";

import { readApiKeys } from "../config/api-keys-file.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";

/** Reads credentials and refuses nothing yet: the key of the configuration, those of the keys file, and tokens signed with the secret key. */
export function authenticationPart({ auth }: GatewayConfig): Handler {
  return apiKeyAuth({
    keys: readApiKeys(auth),
    jwt: { secret: auth.secretKey },
    realm: "aivillage-gateway",
    deferRefusal: true,
  });
}
