const inHeaders = (name: string): string => `an option of helmet; here it is \`headers: { "${name}": … }\`, with a value or false`;

/** What to write instead of the options that helmet has. */
export const helmetOptions: Readonly<Record<string, string>> = {
  crossOriginEmbedderPolicy: inHeaders("Cross-Origin-Embedder-Policy"),
  crossOriginOpenerPolicy: inHeaders("Cross-Origin-Opener-Policy"),
  crossOriginResourcePolicy: inHeaders("Cross-Origin-Resource-Policy"),
  dnsPrefetchControl: inHeaders("X-DNS-Prefetch-Control"),
  frameguard: inHeaders("X-Frame-Options"),
  hidePoweredBy: "an option of helmet; the X-Powered-By of the host is always removed",
  hsts: inHeaders("Strict-Transport-Security"),
  ieNoOpen: inHeaders("X-Download-Options"),
  noSniff: inHeaders("X-Content-Type-Options"),
  originAgentCluster: inHeaders("Origin-Agent-Cluster"),
  permittedCrossDomainPolicies: inHeaders("X-Permitted-Cross-Domain-Policies"),
  referrerPolicy: inHeaders("Referrer-Policy"),
  strictTransportSecurity: inHeaders("Strict-Transport-Security"),
  xContentTypeOptions: inHeaders("X-Content-Type-Options"),
  xDnsPrefetchControl: inHeaders("X-DNS-Prefetch-Control"),
  xDownloadOptions: inHeaders("X-Download-Options"),
  xFrameOptions: inHeaders("X-Frame-Options"),
  xPermittedCrossDomainPolicies: inHeaders("X-Permitted-Cross-Domain-Policies"),
  xPoweredBy: "an option of helmet; the X-Powered-By of the host is always removed",
  xXssProtection: inHeaders("X-XSS-Protection"),
  xssFilter: inHeaders("X-XSS-Protection"),
};
