import { spawnSync } from "node:child_process";

/**
 * A Python that has the modules asked for: $SINGLESHOT_PYTHON, else the system's.
 * The bench needs one; the product and its tests never do.
 */
export function findPeer(modules = ["torch"]) {
  const program = `import importlib.util as u; assert all(u.find_spec(m) for m in ${JSON.stringify(modules)})`;
  const candidates = [process.env.SINGLESHOT_PYTHON, "/usr/bin/python3", "python3"].filter(Boolean);
  const found = candidates.find((python) => spawnSync(python, ["-c", program]).status === 0);
  if (found) return found;
  console.error(
    `No Python with ${modules.join(" and ")} was found. \`npm run bench -- setup\` installs what Debian has, or name one in SINGLESHOT_PYTHON.`,
  );
  process.exit(2);
}
