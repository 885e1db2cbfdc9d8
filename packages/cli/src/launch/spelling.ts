/** Flags that torchrun has and that need no saying here. */
const WITHOUT_MEANING = ["--no-python", "--standalone"];

/**
 * A command line of `launch` with torchrun's spelling (`--nproc_per_node`) turned into ours, and `--` before the command that it is to
 * start, where nobody wrote it: what follows belongs to that command.
 */
export function withLaunchSeparated(argv: readonly string[]): string[] {
  if (argv[0] !== "launch") return [...argv];
  const own: string[] = [];
  let at = 1;
  for (; at < argv.length && argv[at]!.startsWith("-") && argv[at] !== "--"; at++) {
    const [flag, ...value] = argv[at]!.split("=") as [string, ...string[]];
    const word = [flag.replaceAll("_", "-"), ...value].join("=");
    if (WITHOUT_MEANING.includes(word)) continue;
    own.push(word);
    if (value.length === 0 && !/^(-h|--help)$/.test(word) && at + 1 < argv.length) own.push(argv[++at]!);
  }
  const rest = argv.slice(argv[at] === "--" ? at + 1 : at);
  return ["launch", ...own, ...(rest.length > 0 ? ["--", ...rest] : [])];
}
