// Express 5 with one JSON route and nothing else.
import express from "express";

import { information, port } from "./setting.mjs";

const app = express();
app.get("/", (_req, res) => void res.json(information));
app.listen(port, "127.0.0.1");
