// Connect reads NODE_ENV when it is loaded; in `test` its stock error handler does not print its responses.
process.env["NODE_ENV"] ??= "test";
