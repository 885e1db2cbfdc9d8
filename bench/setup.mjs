import { spawnSync } from "node:child_process";

const command = ["apt-get", "install", "-y", "--no-install-recommends", "python3-torch", "python3-torchvision"];

/** Installs the Python peer with the system's own packages; they use the same libtorch as ours. */
export function run() {
  console.log(`running ${command.join(" ")}`);
  if (process.getuid?.() !== 0) {
    console.error(`That needs root. Run: sudo ${command.join(" ")}`);
    process.exit(2);
  }
  process.exit(
    spawnSync(command[0], command.slice(1), { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } }).status ?? 1,
  );
}
