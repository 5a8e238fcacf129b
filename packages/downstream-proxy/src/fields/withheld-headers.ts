import { type HeaderGroup, words } from "./header-patterns.ts";

/**
 * Response headers by which a target would act for this server: they steer servers in front, set policy for the whole origin, or
 * reveal internals. They are dropped by default.
 */
export const withheldHeaders: readonly HeaderGroup[] = [
  {
    group: "front end",
    source: "nginx, lighttpd, LiteSpeed, Apache's mod_xsendfile, Envoy, H2O, Perlbal and Fly.io obey it and send something else",
    names: words(`
      x-accel-* x-sendfile x-sendfile-* x-sendfile2 x-lighttpd-* x-litespeed-* x-lsadc-* x-reproxy-* x-envoy-* fly-replay
      fly-replay-* x-forwarded-* x-mod-pagespeed x-page-speed x-middleware-* x-original-url x-rewrite-url
      x-archive-files surrogate-control surrogate-key cdn-cache-control cloudflare-cdn-cache-control
    `),
  },
  {
    group: "other origins",
    source: "browsers: which pages may read a response (Fetch Standard, Resource Timing, Adobe's cross-domain policies)",
    names: words(`access-control-* timing-allow-origin x-permitted-cross-domain-policies`),
  },
  {
    group: "whole origin",
    source: "browsers: lasts longer than the response or reaches beyond it",
    names: words(`
      strict-transport-security public-key-pins public-key-pins-report-only expect-ct expect-staple alt-svc alt-used
      clear-site-data service-worker-allowed origin-agent-cluster accept-ch accept-ch-lifetime critical-ch set-login
      sec-session-registration secure-session-registration secure-session-challenge activate-storage-access
      shared-storage-write
    `),
  },
  {
    group: "reporting",
    source: "browsers: send reports about this origin to an address that the target chooses",
    names: words(`
      nel report-to reporting-endpoints content-security-policy-report-only permissions-policy-report-only
      document-policy-report-only cross-origin-opener-policy-report-only cross-origin-embedder-policy-report-only
      integrity-policy-report-only attribution-reporting-*
    `),
  },
  {
    group: "credentials",
    source: "request headers (RFC 9110, 11.6.2) that a target echoes would show the client what the proxy was given for the target",
    names: words(`authorization proxy-authorization x-api-key api-key x-goog-api-key ocp-apim-subscription-key`),
  },
  { group: "navigation", source: "browsers: load another page or more pages by themselves", names: words(`refresh speculation-rules`) },
  {
    group: "software",
    source: "readers who look for known holes (OWASP Secure Headers Project)",
    names: words(`
      server x-powered-* x-server-powered-by powered-by x-aspnet-version x-aspnetmvc-version x-php-version x-runtime
      x-generator x-generated-by x-framework x-cms x-joomla-version x-umbraco-version x-cocoon-version x-owa-version
      x-content-encoded-by x-cf-powered-by x-turbo-charged-by x-redirect-by x-jitsi-release x-application-context x-jenkins
      x-jenkins-* x-hudson liferay-portal oraclecommercecloud-version product microsoftsharepointteamservices sprequestguid
      x-drupal-* x-wix-*
    `),
  },
  {
    group: "inside",
    source:
      "readers who look for internal names: reverse proxies, load balancers, caches, Exchange, Kong, Varnish, IBM, Dynatrace, Kubernetes",
    names: words(`
      via x-backend x-backend-* x-upstream x-upstream-* x-served-by x-server x-server-name x-server-id x-server-ip x-host
      x-hostname x-node x-pod x-pod-* x-instance x-instance-id x-proxy x-proxy-* x-cache-server x-varnish x-varnish-* x-kong-*
      x-backside-transport x-beserver x-feserver x-calculatedbetarget x-calculatedfetarget x-diaginfo x-dtagentid
      x-dthealthcheck x-dtinjectedservlet x-oneagent-js-injection x-ruxit-js-agent pega-host host-header x-kubernetes-*
      k-proxy-request x-azure-* x-real-* x-internal x-internal-* proxy-status x-old-content-length
    `),
  },
  {
    group: "debugging",
    source: "Symfony, Laravel, IIS Express, Clockwork, FirePHP, ChromeLogger: paths, queries and profiles of the inside; source maps",
    names: words(`
      x-debug x-debug-* x-sourcefiles x-clockwork-* phpdebugbar-* x-firephp-* x-wf-* x-chromelogger-data x-chromephp-data
      x-php-originating-script x-exception x-exception-* x-stack-* x-atmosphere-error sourcemap x-sourcemap x-profiler-*
      x-miniprofiler-*
    `),
  },
];
