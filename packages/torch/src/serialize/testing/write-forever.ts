import { rawTensor } from "../raw-tensor.js";
import { writeCheckpoint } from "../write-checkpoint.js";

// A child process: writes checkpoints over the file that it is told, one after the other, until it is killed or has written as many as it is told.
// Each is 4 MB of one number, its turn.
// As another user from here on, where one is named: that user need not be able to read the program.
const [path, turns, user] = process.argv.slice(2) as [string, string, string?];
if (user) process.setuid?.(Number(user));
for (let turn = 1; turn <= Number(turns); turn++) {
  const bytes = new Uint8Array(2 ** 22).fill(turn % 251);
  writeCheckpoint(path, new Map([["turn", rawTensor("uint8", [bytes.length], bytes)]]));
  process.stdout.write(".");
}
