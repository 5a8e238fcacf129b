/** The keys that a gateway has when nobody gave it any. They are public: production refuses them. */
export const developmentKeys = { apiKey: "dev-gateway-key-12345", secretKey: "dev-secret-key-change-in-production" } as const;
