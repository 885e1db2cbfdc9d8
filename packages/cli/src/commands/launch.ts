import { InputError } from "@singleshot/vision";
import { Command } from "commander";
import { dialects } from "../dialects/index.js";
import type { LaunchFlags } from "../launch/index.js";
import { launchedCommand, PORTS, planGroup, runGroup } from "../launch/index.js";
import { wholeNumber } from "../options/index.js";

const EXAMPLES = `
Examples:
  $ singleshot launch --nproc-per-node 2 -- train --recipe ssdlite320-small --data photos
  $ singleshot launch --nproc-per-node 2 -- train --resume runs/ssdlite320-small-1
  $ singleshot launch --nproc-per-node gpu -- train --recipe ssd300-vgg16 --data photos
  $ singleshot launch --nproc_per_node 8 -- torchvision train --data-path coco --model ssd300_vgg16

On two machines, the same on both but for --node-rank 0 and 1:
  $ singleshot launch --nproc-per-node 4 --nnodes 2 --node-rank 0 --master-addr node-a -- train ...

Whoever has torchrun, Slurm, Open MPI or Kubernetes' training operators needs no \`launch\`: the
command finds by itself that it is one of several. In a pod of the operators \`launch\` takes from
PET_* what no flag says. More: docs/distributed.md`;

/** What several processes can do together; the rest would only be done several times. */
const TOGETHER = ["train", "pretrain", "eval"];

export function launch(): Command {
  return new Command("launch")
    .summary("train with several processes, on several machines")
    .description("Start a command once for each process that takes part, and watch over them: if one fails, all end.")
    .argument("[COMMAND...]", `what to start: ${TOGETHER.join(", ")} or a dialect's program, with its flags`)
    .usage("--nproc-per-node N [options] -- COMMAND...")
    .option("--nproc-per-node <N>", "processes on this machine; gpu: one a GPU; cpu: one a core (default: PET_NPROC_PER_NODE)")
    .option("--nnodes <N>", "machines (default: PET_NNODES, else 1)")
    .option("--node-rank <N>", "which of them this is, from 0 (default: PET_NODE_RANK)", wholeNumber("--node-rank", { min: 0 }))
    .option("--master-addr <HOST>", "the machine of node 0 (default: PET_MASTER_ADDR, else this one)")
    .option(
      "--master-port <N>",
      "where they meet there (default: PET_MASTER_PORT, else 29500; alone: any)",
      wholeNumber("--master-port", PORTS),
    )
    .addHelpText("after", EXAMPLES)
    .action(runLaunch);
}

async function runLaunch(words: string[], flags: LaunchFlags): Promise<void> {
  requireCommand(words[0]);
  process.exitCode = await runGroup(launchedCommand(words), await planGroup(flags));
}

function requireCommand(name: string | undefined): void {
  const known = [...TOGETHER, ...dialects().map((dialect) => dialect.name())];
  if (name === undefined)
    throw new InputError("The command to start is missing", { fix: "name it behind --: singleshot launch ... -- train ..." });
  if (known.includes(name)) return;
  throw new InputError(`${name} cannot run in several processes`, { fix: `it can be ${known.join(", ")}` });
}
