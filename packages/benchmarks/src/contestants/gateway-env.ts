import { apiKey, pageOrigin, secretKey } from "../traffic.ts";

/** The variables of every gateway that is measured: a production one, whose rate limit nobody reaches. */
export function gatewayEnv(port: number) {
  return {
    NODE_ENV: "production",
    ENVIRONMENT: "production",
    GATEWAY_HOST: "127.0.0.1",
    GATEWAY_PORT: String(port),
    API_KEY: apiKey,
    SECRET_KEY: secretKey,
    RATE_LIMIT_REQUESTS: "1000000000",
    CORS_ORIGINS: pageOrigin,
  };
}
