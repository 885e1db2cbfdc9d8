import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasApt, installByApt, missingTools } from "./apt.mjs";
import { findLibtorch, places } from "./find-libtorch.mjs";
import { NeedsYou } from "./say.mjs";
import { unpackWheel } from "./wheel.mjs";

/**
 * libtorch and the tools to build against it, found or else installed.
 * @param wheel take PyTorch's wheel, whatever else there is
 * @returns what `findLibtorch` tells, and `installed`: whether anything had to be
 * @throws NeedsYou where only the user can go on
 */
export async function provideLibtorch(root, { wheel, log }) {
  const look = () => findLibtorch(places({ root }));
  if (wheel && !existsSync(join(root, ".libtorch", "torch"))) await unpackWheel(root, { why: "--libtorch=pip", log });
  const found = look();
  const tools = missingTools();
  if (found && tools.length === 0) return { ...found, installed: false };
  if (hasApt()) await installMissing({ found, tools, log });
  else if (tools.length > 0) throw new NeedsYou(`Missing: ${tools.join(", ")}. Install them, then run the same command again.`);
  else await unpackWheel(root, { why: "libtorch is missing, without apt-get to install it", log });
  const libtorch = look();
  if (!libtorch) throw new Error("libtorch was installed, but is in none of the places where set-up looks.");
  return { ...libtorch, installed: true };
}

async function installMissing({ found, tools, log }) {
  const missing = [...(found ? [] : ["libtorch"]), ...tools];
  await installByApt([...(found ? [] : ["libtorch"]), ...(tools.length > 0 ? ["compiler"] : [])], {
    why: `missing: ${missing.join(", ")}`,
    log,
  });
}
