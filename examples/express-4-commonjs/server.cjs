// Every package has a CommonJS build beside its ES modules.
const { notFound, problemDetails } = require("@aivillage/problem-details");
const { securityHeaders } = require("@aivillage/security-headers");
// In an app of your own this is require("express"); here Express 5 has that name.
const express = require("express-4");

const app = express();
app.use(securityHeaders({ preset: "web", headers: { "X-Robots-Tag": "noindex" } }));

app.get("/", (_req, res) => res.send("<!doctype html><title>Tides</title><p>High at 05:12"));
app.get("/broken", () => {
  throw new Error("what went wrong stays here: the client reads of an internal error, and no more");
});

app.use(notFound());
app.use(problemDetails());

const port = Number(process.env.PORT ?? 3000);
const server = app.listen(port, () => console.log(`Express 4 listens on http://localhost:${port}`));
process.once("SIGTERM", () => server.close());
