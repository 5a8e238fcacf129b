// Connect with request ids: the id that a caller sends, or a new one, is in the response, in the errors and at hand for logs.
import { createServer } from "node:http";

import { HttpProblem } from "@aivillage/middleware";
import { notFound, problemDetails } from "@aivillage/problem-details";
import { getRequestId, requestId } from "@aivillage/request-id";
import { securityHeaders } from "@aivillage/security-headers";
import connect from "connect";

const app = connect();
app.use(requestId());
app.use(securityHeaders());

app.use("/busy", (_req, _res, next) => {
  next(new HttpProblem({ status: 503, detail: "The tide tables are being printed.", headers: { "Retry-After": "30" } }));
});
app.use("/tides", (req, res) => {
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify({ tide: "high at 05:12", request: getRequestId(req) }));
});

app.use(notFound());
app.use(problemDetails({ requestId: getRequestId }));

const port = Number(process.env["PORT"] ?? 3000);
const server = createServer(app).listen(port, () => console.log(`Connect listens on http://localhost:${port}`));
process.once("SIGTERM", () => server.close());
