export { type GroupOptions, runGroup } from "./group.js";
export { endWithLauncher, type Failed, tellLauncher } from "./member.js";
export { type LaunchFlags, type Member, PORTS, planGroup } from "./plan.js";
export { launchedCommand } from "./program.js";
export { withLaunchSeparated } from "./spelling.js";
