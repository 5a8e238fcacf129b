// The health check of a container without a shell or curl: `node healthcheck.ts 8000/livez` exits with 0 when the response is 2xx.
const [target = "8000/livez"] = process.argv.slice(2);
const signal = AbortSignal.timeout(2_500);
const isHealthy = await fetch(`http://127.0.0.1:${target}`, { signal, redirect: "error" }).then(
  ({ ok }) => ok,
  () => false,
);
process.exit(isHealthy ? 0 : 1);
