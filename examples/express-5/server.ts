// Two packages in an Express 5 app: every response carries the security headers, and every error is a problem document (RFC 9457).
import { HttpProblem } from "@aivillage/middleware";
import { notFound, problemDetails } from "@aivillage/problem-details";
import { securityHeaders } from "@aivillage/security-headers";
import express from "express";

const tides = new Map([
  ["brest", "high at 05:12"],
  ["dover", "high at 11:40"],
]);

const app = express();
app.use(securityHeaders());

app.get("/", (_req, res) => void res.json({ ports: [...tides.keys()] }));
app.get("/tides/:port", (req, res) => {
  const tide = tides.get(req.params.port);
  if (tide === undefined) throw new HttpProblem({ status: 404, detail: "No tide is known for this port; GET / lists those that are." });
  res.json({ port: req.params.port, tide });
});

app.use(notFound());
app.use(problemDetails());

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, (error) => {
  if (error !== undefined) throw error;
  console.log(`Express 5 listens on http://localhost:${port}`);
});
process.once("SIGTERM", () => server.close());
