const from = "an option of http-proxy-middleware; here";
const byEvents = `${from} subscribe to \`downstreamAttempted\` and the other events`;
const byRewriteLocation = `${from} \`rewriteLocation\`, which is on, makes the target's address a path of this server`;
const byRewriteCookies = `${from} it is \`rewriteCookies: { domain, path }\``;
const byUpgrade = `${from} it is \`server.on("upgrade", upgradeListener(app))\` of @aivillage/middleware`;
const byReuse = `${from} connections are reused; see \`connections\` and \`keepAliveMs\``;
const byErrorHandler = `${from} an error handler gets the problem, and \`downstreamAttempted\` reports attempts`;
const byMergeJson = `${from} \`mergeJson\` adds members to a JSON object, and nothing else changes bodies`;

/** What to write instead of the options that http-proxy-middleware and http-proxy have. */
export const httpProxyOptions: Readonly<Record<string, string>> = {
  agent: byReuse,
  auth: `${from} it is \`headers: () => ({ authorization: "Basic …" })\``,
  autoRewrite: byRewriteLocation,
  buffer: `${from} it is \`body: (req) => ({ contentType, body })\``,
  changeOrigin: `${from} \`Host\` is always the target's; for the client's write \`headers: (req) => ({ host: req.headers.host })\``,
  cookieDomainRewrite: byRewriteCookies,
  cookiePathRewrite: byRewriteCookies,
  ejectPlugins: byEvents,
  followRedirects: `${from} redirects are always passed on`,
  hostRewrite: byRewriteLocation,
  ignorePath: `${from} it is \`path\` of a target: targets: [{ name, url, path }]`,
  logger: byEvents,
  logLevel: byEvents,
  logProvider: byEvents,
  on: `${from} \`headers\`, \`path\` and \`body\` change the request, \`withholdResponseHeaders\` the response, and events report both`,
  onClose: byEvents,
  onError: byErrorHandler,
  onOpen: byEvents,
  onProxyReq: `${from} \`headers\`, \`path\` and \`body\` change the request`,
  onProxyReqWs: `${from} \`headers\` applies to upgrades too`,
  onProxyRes: byMergeJson,
  pathFilter: `${from} mount the proxy on a path or route, or call it from a handler`,
  pathRewrite: `${from} it is \`path: (req) => …\`, with \`rewriteLocation: { from, to }\` for redirects`,
  plugins: byEvents,
  prependPath: `${from} give a target without a base path`,
  preserveHeaderKeyCase: `${from} header names of responses are in lower case`,
  protocolRewrite: byRewriteLocation,
  proxyTimeout: `${from} they are \`headersTimeoutMs\`, \`idleTimeoutMs\` and \`totalTimeoutMs\``,
  router: `${from} make a proxy for each target, and call the one that fits`,
  secure: `${from} give the certificate authority: targets: [{ name, url, tls: { ca } }]`,
  selfHandleResponse: byMergeJson,
  ssl: `${from} it is \`tls\` of a target: targets: [{ name, url, tls: { ca, cert, key } }]`,
  timeout: `${from} it is \`stallTimeoutMs\` for responses; for requests it is a setting of the server`,
  toProxy: `${from} it is \`outboundProxy\` of a target`,
  ws: byUpgrade,
  xfwd: `${from} the forwarding headers are always sent; see \`isFromTrustedProxy\``,
};
