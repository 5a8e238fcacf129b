// Loaded before a gateway whose uncaught errors are to be seen: SIGWINCH, which nobody sends by accident, throws one.
process.on("SIGWINCH", () => {
  throw new Error("thrown on purpose");
});
