import { type HeaderGroup, words } from "./header-patterns.ts";

/**
 * Request headers by which a client could impersonate another one: services assume that the server in front set them.
 *
 * They are dropped by default, from trusted peers too. The list leaves out the four that the proxy writes itself: `Forwarded`,
 * `X-Forwarded-For`, `-Host` and `-Proto`.
 */
export const requestClaims: readonly HeaderGroup[] = [
  {
    group: "address",
    source: "nginx, Rails, Rack, Express and Java helpers that look for the client's address",
    names: words(`
      client-ip x-client-ip x-real-* x-forwarded x-forward-for forwarded-for forwarded-for-ip x-remote-* remote-*
      x-cluster-client-ip cluster-client-ip x-originating-ip x-original-forwarded-for x-original-for x-proxyuser-ip
      x-custom-ip-authorization x-from-ip x-host-ip x-ip x-true-ip x-user-ip x-peer-ip x-client-port
      x-clientip clientip x-source-ip source-ip ns-client-ip x-wap-client-ip x-original-remote-*
    `),
  },
  {
    group: "address",
    source: "CDNs and platforms: Cloudflare, Akamai, Fastly, CloudFront, Fly.io, Vercel, Netlify, Imperva, Sucuri, Alibaba, DigitalOcean",
    names: words(`
      true-client-* x-true-client-ip cf-* x-akamai-* akamai-* fastly-* cloudfront-* fly-* x-vercel-* x-nf-* incap-client-ip
      x-sucuri-* ali-cdn-real-ip cdn-src-ip cdn-real-ip do-connecting-ip x-bluecoat-via
    `),
  },
  {
    group: "address",
    source: "Envoy, Istio, Azure Front Door, App Engine, Cloud Tasks, Oracle WebLogic",
    names: words(`
      x-envoy-* x-azure-* x-appengine-* x-cloudtasks-* x-cloudscheduler x-cloudscheduler-* wl-proxy-* proxy-* x-gateway-*
      x-trusted-* x-nginx-proxy
    `),
  },
  {
    group: "forwarding",
    source: "frameworks that build URLs from it: Spring, ASP.NET Core, Symfony, Rack, Django, Werkzeug; Traefik's and Envoy's identity",
    names: words(`
      x-forwarded-* x-original-proto x-original-prefix x-scheme x-url-scheme x-proto x-protocol x-script-name script-name
      front-end-https x-https x-arr-* x-waws-* disguised-host was-default-hostname
    `),
  },
  {
    group: "identity",
    source: "oauth2-proxy, Authelia, authentik, Pomerium, Ory Oathkeeper, Grafana's auth proxy and nginx auth_request",
    names: words(`
      x-auth-* gap-auth gap-signature x-authentik-* x-authelia-* x-pomerium-* x-webauth-* x-vouch-* x-authenticated-*
      x-authorization-* x-user x-user-id x-userid x-user-uid x-user-email x-user-name x-username x-user-role x-user-roles
      x-user-group x-user-groups x-user-scope x-user-scopes x-user-permissions x-user-claims x-user-info x-user-type
      x-user-tier x-user-plan x-user-tenant x-email x-group x-groups x-role x-roles x-permissions x-scopes x-subject
      x-principal x-principal-* x-admin x-is-admin x-on-behalf-of on-behalf-of x-sub x-claims x-claims-* x-claim-* x-identity
      x-identity-* x-impersonate-* x-actor x-actor-* x-login x-authenticated
      x-okta-* x-sso-* x-token-subject x-current-user user-id userid username roles groups x-act-as sudo
    `),
  },
  {
    group: "identity",
    source: "Kong, APISIX, Tyk, WSO2, Google Cloud API Gateway and Endpoints, Istio request authentication",
    names: words(`
      x-consumer-* x-credential-* x-anonymous-consumer x-userinfo x-id-token x-access-token x-refresh-token x-jwt-*
      x-endpoint-api-userinfo x-apigateway-* x-ext-authz-* x-tyk-*
    `),
  },
  {
    group: "identity",
    source: "AWS load balancers and VPC Lattice, Google IAP, Azure App Service, Cloudflare Access, Tailscale",
    names: words(`
      x-amzn-oidc-* x-amzn-mtls-* x-amzn-tls-* x-amzn-lattice-* x-amzn-apigateway-* x-amzn-source-* x-amzn-requestcontext
      x-amzn-request-context x-amzn-lambda-context x-goog-authenticated-* x-goog-iap-* x-serverless-authorization
      x-ms-client-principal x-ms-client-principal-* x-ms-token-* x-ms-auth-* x-zumo-auth tailscale-*
    `),
  },
  {
    group: "identity",
    source: "mod_auth_openidc, mod_auth_mellon, Shibboleth, SiteMinder, IBM WebSEAL, Oracle Access Manager",
    names: words(`
      oidc-* mellon-* shib-* x-shib-* eppn sm-* smuser iv-* oam-* x-saml-*
    `),
  },
  {
    group: "identity",
    source: "Trino, Presto, ClickHouse, Elasticsearch, GitLab: the user that a query runs as",
    names: words(`x-trino-user x-trino-original-* x-presto-user x-clickhouse-* es-security-runas-user`),
  },
  {
    group: "identity",
    source: "Kubernetes (front proxy and impersonation), Dapr, Istio, Linkerd, Backstage and other callers between services",
    names: words(`
      impersonate-* dapr-* x-istio-* l5d-* x-spiffe-* x-service-* x-caller-* x-internal x-internal-* x-sender-*
    `),
  },
  {
    group: "identity",
    source: "services with many tenants: Grafana Loki and Mimir, Hasura, PostgREST and the like",
    names: words(`
      x-tenant x-tenant-* x-tenantid tenant-id tenant x-org-id x-orgid x-organization-id x-organisation-id x-scope-*
      x-account-id x-customer-id x-hasura-*
    `),
  },
  {
    group: "identity",
    source: "verified client certificates: RFC 9440, nginx, ingress-nginx, HAProxy, Apache, Traefik, IIS",
    names: words(`
      client-cert client-cert-* x-client-cert x-client-cert-* x-client-certificate x-client-certificate-* x-clientcert
      x-clientcert-* x-client-dn x-client-cn x-client-verify x-client-s-dn x-client-i-dn x-client-serial x-ssl x-ssl-* ssl-*
      x-tls-* x-mtls-* x-peer-cert x-peer-certificate ms-aspnetcore-* x-certificate-*
    `),
  },
  {
    group: "credentials",
    source: "API keys for this server, under the names that SDKs and API gateways read",
    names: words(`
      x-api-key api-key apikey x-apikey x-api-token x-api-secret x-goog-api-key ocp-apim-subscription-key x-functions-key
      x-rapidapi-* authentication x-authorization x-authentication
    `),
  },
  {
    group: "routing",
    source:
      "IIS, Symfony, Zend, ingress-nginx, Traefik, Envoy and Next.js: the URL or host that counts instead of the one that was checked",
    names: words(`
      x-original-url x-original-uri x-original-path x-original-host x-original-query x-original-to x-rewrite-* x-override-*
      x-replaced-path x-host x-hostname x-http-* x-request-uri x-request-url x-url x-uri x-path x-proxy-* x-backend
      x-backend-* x-upstream x-upstream-* x-route-* x-target x-target-* x-middleware-* x-invoke-* x-matched-path x-now-*
      x-forward-* x-redirect-to x-destination x-destination-* x-host-override base-url
    `),
  },
  {
    group: "routing",
    source: "Portkey, Helicone, LiteLLM, Bifrost, Envoy AI Gateway: the provider, its address or the model that counts instead",
    names: words(`x-portkey-* helicone-* x-litellm-* x-bf-* x-ai-eg-*`),
  },
  {
    group: "override",
    source: "Rails, Laravel, Symfony, Spring, ASP.NET, Google APIs: the method that counts instead of the one that was checked",
    names: words(`x-method-override x-method x-original-method x-request-method x-verb x-tunneled-method`),
  },
  {
    group: "file sending",
    source: "Rack::Sendfile, nginx: where the file of a response lies",
    names: words(`x-accel-* x-sendfile x-sendfile-* x-lighttpd-* x-file-path`),
  },
];
