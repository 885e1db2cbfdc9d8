/** The picture's name ends with a picture's ending, so that it may contain spaces; where there is none, at the first space. */
const LINE = /^(.+?\.(?:jpe?g|png|webp|tiff?|gif|bmp))(?:\s+(.*))?$/i;

export function parseLine(text: string): { name: string; fields: string[] } {
  const [, name, rest = ""] = LINE.exec(text) ?? /^(\S+)\s*(.*)$/.exec(text) ?? [undefined, "", ""];
  return { name: name!, fields: rest.split(/\s+/).filter((field) => field !== "") };
}
