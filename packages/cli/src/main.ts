import { endWithLauncher } from "./launch/index.js";
import { run } from "./run.js";
import { endOnClosedPipe } from "./terminal/index.js";

endOnClosedPipe();
endWithLauncher();
await run(process.argv.slice(2));
