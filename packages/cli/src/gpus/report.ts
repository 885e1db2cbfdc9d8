// Run in a process of its own: prints the GPUs of this machine as one line of JSON.
import * as torch from "@singleshot/torch";
import { findGpus } from "./find.js";

console.log(JSON.stringify(findGpus(torch)));
