/** Names that can be files' on any system, each once, whatever the case of its letters. */
export function fileNames(texts: readonly string[]): string[] {
  const taken = new Set<string>();
  return texts.map((text) => {
    const safe = text.replace(/[^\p{L}\p{M}\p{N} ._-]/gu, "_").replace(/^[. ]+|[. ]+$/g, "_") || "_";
    const short = [...safe].slice(0, 60).join(""); // 255 bytes are the usual limit
    let name = short;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${short}-${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
