import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ask, duration, NeedsYou, run, say } from "./say.mjs";

const WHEEL = { version: "2.13.0", index: "https://download.pytorch.org/whl/cpu" };
const WHEEL_PARTS = ["torch/include/", "torch/lib/", "torch.libs/"]; // the rest is Python
const UNPACK = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
archive.extractall(sys.argv[2], [name for name in archive.namelist() if name.startswith(tuple(sys.argv[3:]))])`;

/**
 * Unpacks the headers and libraries of PyTorch's official CPU wheel into `.libtorch/`.
 * @throws NeedsYou where there is no pip, or the wheel cannot be fetched
 */
export async function unpackWheel(root, { why, log }) {
  const pip = [["python3", "-m", "pip"], ["pip3"]].find(([command, ...args]) => ask(command, [...args, "--version"]));
  if (!pip)
    throw new NeedsYou(`${why}: no pip here to fetch PyTorch's wheel with. Install pip, or set LIBTORCH to a folder with libtorch.`);
  const folder = join(root, ".libtorch");
  const part = join(folder, "part"); // an interrupted set-up leaves nothing that looks whole
  const name = process.platform === "linux" ? `torch==${WHEEL.version}+cpu` : `torch==${WHEEL.version}`;
  say("libtorch", `${why}: fetching PyTorch's wheel, ${name}, by pip (about 200 MB to download, 510 MB in .libtorch/, once)`);
  rmSync(folder, { recursive: true, force: true });
  const options = `--no-deps --only-binary=:all: --retries=1 --extra-index-url=${WHEEL.index}`.split(" ");
  const took = await run("libtorch", [...pip, "download", ...options, `--dest=${part}`, name], { log });
  const wheel = readdirSync(part).find((file) => file.endsWith(".whl"));
  await run("libtorch", ["python3", "-c", UNPACK, join(part, wheel), part, ...WHEEL_PARTS], { log });
  for (const name of ["torch.libs", "torch"]) if (existsSync(join(part, name))) renameSync(join(part, name), join(folder, name));
  rmSync(part, { recursive: true });
  say("libtorch", `unpacked into .libtorch/ (${duration(took)}); remove the folder to go back`);
}
