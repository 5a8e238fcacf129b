// Connect reads NODE_ENV when it is loaded; in `test` its stock error handler does not print what it answers.
process.env["NODE_ENV"] ??= "test";
