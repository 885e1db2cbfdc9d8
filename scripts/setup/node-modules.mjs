import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { duration, run, say } from "./say.mjs";

/**
 * Whether node_modules holds what package-lock.json names. Contents are compared, not times: an installation that
 * another command has just made is current, whichever of the two files it wrote last.
 */
export function isInstalled(root) {
  const installed = packagesOf(join(root, "node_modules", ".package-lock.json"));
  const wanted = packagesOf(join(root, "package-lock.json"));
  const required = [...wanted].filter(([path, { optional }]) => path !== "" && !optional); // optional: for other platforms
  return required.every(([path, entry]) => installed.has(path) && identityOf(installed.get(path)) === identityOf(entry));
}

/** Its programs count too: npm links them when it installs. */
const identityOf = ({ version, bin }) => JSON.stringify([version, bin]);

/** Path → entry of a lock file; empty where there is none. */
function packagesOf(file) {
  return new Map(existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, "utf8")).packages) : []);
}

/** Installs the npm dependencies where they are missing or not those of package-lock.json. Returns whether it did. */
export async function installNodeModules(root, { log }) {
  if (isInstalled(root)) return false;
  say("npm", "installing the packages of package-lock.json into node_modules/ (about 200 MB)");
  const took = await run("npm", ["npm", "ci", "--no-audit", "--no-fund"], { cwd: root, log });
  say("npm", `installed (${duration(took)})`);
  return true;
}
