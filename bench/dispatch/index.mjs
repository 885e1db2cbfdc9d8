/** What a call of a small operator costs, ours and Python's in turn: the kernels do next to nothing, what remains is the way there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findPeer } from "../peer.mjs";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** A program that measures once for every line it is sent: `{ version, micros: { "add, no grad": 0.9, … } }`. */
function start(command, file) {
  const child = spawn(command, [here(file)], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const measure = async () => {
    child.stdin.write("\n");
    const { value, done } = await answers.next();
    if (done) throw new Error(`${file} ended without an answer`);
    return JSON.parse(value);
  };
  const end = async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, "exit");
  };
  return { measure, end };
}

export async function run(args) {
  const rounds = Number(args[args.indexOf("--rounds") + 1]) || 5;
  const programs = { ours: start(process.execPath, "ours.mjs"), theirs: start(findPeer(), "peer.py") };
  const found = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) for (const [who, { measure }] of Object.entries(programs)) found[who].push(await measure());
  for (const { end } of Object.values(programs)) await end();
  print(found, rounds);
}

function print({ ours, theirs }, rounds) {
  const best = (answers, name) => Math.min(...answers.map(({ micros }) => micros[name]));
  console.log(
    `µs a call, four elements, one thread, best of ${rounds} rounds in turn: libtorch ${ours[0].version}, Python's torch ${theirs[0].version}`,
  );
  if (Number.parseFloat(ours[0].version) !== Number.parseFloat(theirs[0].version))
    console.log("The versions differ: the ratio compares two libtorches too.");
  console.table(
    Object.fromEntries(
      Object.keys(ours[0].micros).map((name) => {
        const [a, b] = [best(ours, name), best(theirs, name)];
        return [name, { ours: a.toFixed(2), Python: b.toFixed(2), "ours / Python": (a / b).toFixed(2) }];
      }),
    ),
  );
}
