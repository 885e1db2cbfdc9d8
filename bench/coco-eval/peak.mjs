/** Loaded before the program (`node --import`), writes the largest memory of its process to standard error when it ends: one JSON line. */
process.on("exit", () => console.error(JSON.stringify({ peakKilobytes: process.resourceUsage().maxRSS })));
