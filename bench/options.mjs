/** The number behind `--name` on a bench's command line, or its default. */
export const numberOption = (args, name, value) => Number(args[args.indexOf(`--${name}`) + 1] ?? value) || value;
