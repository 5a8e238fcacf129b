// Loaded into every process of the village: it shall not outlive the one that started it, even if that one is killed.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// Listening must not keep a process running that is done.
process.channel?.unref();
