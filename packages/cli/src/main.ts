import { run } from "./run.js";
import { endOnClosedPipe } from "./terminal/index.js";

endOnClosedPipe();
await run(process.argv.slice(2));
