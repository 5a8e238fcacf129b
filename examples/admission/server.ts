// An Express app that draws pictures, two at a time. Artists take turns, whatever number of pictures each of them asks for.
import { admission, getAdmission } from "@aivillage/admission";
import { problemDetails } from "@aivillage/problem-details";
import express from "express";

const drawMs = Number(process.env["DRAW_MS"] ?? 2_000);
const app = express();

// In your app, the artist comes from the caller's credentials.
const slots = admission({
  limits: [{ name: "easel", max: 2 }],
  share: (req) => req.headers["x-artist"]?.toString(),
  queue: { max: 6, maxWaitMs: 60_000 },
  positionHeader: true,
});

app.get("/draw", slots, (req, res) => {
  const { position = 0 } = getAdmission(req) ?? {};
  setTimeout(() => res.send(position === 0 ? "drawn at once\n" : `drawn from place ${position} of the queue\n`), drawMs);
});
app.get("/", (_req, res) => void res.json(slots.state()));
app.use(problemDetails());

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, () => console.log(`The studio listens on http://localhost:${port}`));

process.once("SIGTERM", () => {
  server.close();
  slots.close();
});
