import { spawnSync } from "node:child_process";

/**
 * A Python that has torch and the modules asked for: $SINGLESHOT_PYTHON, else the system's.
 * The bench needs one; the product and its tests never do.
 */
export function findPeer(modules = []) {
  const program = `import torch${modules.includes("torchvision") ? "\nimport importlib.util as u\nassert u.find_spec('torchvision')" : ""}`;
  const candidates = [process.env.SINGLESHOT_PYTHON, "/usr/bin/python3", "python3"].filter(Boolean);
  const found = candidates.find((python) => spawnSync(python, ["-c", program]).status === 0);
  if (found) return found;
  console.error(
    "No Python with torch and torchvision was found. `npm run bench -- setup` installs Debian's, or name one in SINGLESHOT_PYTHON.",
  );
  process.exit(2);
}
