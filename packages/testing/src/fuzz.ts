type Draw = () => number;

/** A number of trials, times `FUZZ_SCALE`: a small share runs at every change, the full number on demand. */
export function fuzzCount(share: number): number {
  return Math.ceil(share * Number(process.env.FUZZ_SCALE || 1));
}

/** A damaged copy of a file's content: one to four of the operators below, one after the other. */
export function mutate(bytes: Uint8Array, draw: Draw): Uint8Array {
  const times = 1 + Math.floor(4 * draw() ** 2);
  return Array.from({ length: times }).reduce<Uint8Array>(
    (damaged) => OPERATORS[Math.floor(OPERATORS.length * draw())]!(damaged, draw),
    new Uint8Array(bytes), // a Buffer's slice would be a view of it
  );
}

const EXTREMES = [
  "0",
  "-1",
  "1e999",
  "-1e308",
  "NaN",
  "9007199254740993",
  "2147483648",
  "4294967295",
  "1e-320",
  "0x41",
  "999999999999999999999",
];
const TRICKS = [
  "__proto__",
  "constructor",
  "../../../etc/passwd",
  "\0",
  "\uFEFF",
  "&lol9;",
  "<![CDATA[",
  "-->",
  '"',
  "<!DOCTYPE x [",
  "%s%n",
  "\u202E",
];

const OPERATORS: ((bytes: Uint8Array, draw: Draw) => Uint8Array)[] = [
  function flipBit(bytes, draw) {
    const copy = bytes.slice();
    const at = below(draw, bytes.length);
    if (copy.length > 0) copy[at]! ^= 1 << below(draw, 8);
    return copy;
  },
  function setByte(bytes, draw) {
    const copy = bytes.slice();
    if (copy.length > 0) copy[below(draw, bytes.length)] = below(draw, 256);
    return copy;
  },
  function truncate(bytes, draw) {
    return bytes.slice(0, below(draw, bytes.length + 1));
  },
  function remove(bytes, draw) {
    const [from, to] = span(bytes, draw);
    return join(bytes.subarray(0, from), bytes.subarray(to));
  },
  function duplicate(bytes, draw) {
    const [from, to] = span(bytes, draw);
    return join(bytes.subarray(0, to), bytes.subarray(from));
  },
  function repeat(bytes, draw) {
    const [from, to] = span(bytes, draw, 64);
    const copies = Array.from({ length: below(draw, 200) }, () => bytes.subarray(from, to));
    return join(bytes.subarray(0, to), ...copies, bytes.subarray(to));
  },
  function move(bytes, draw) {
    const [from, to] = span(bytes, draw);
    const rest = join(bytes.subarray(0, from), bytes.subarray(to));
    const at = below(draw, rest.length + 1);
    return join(rest.subarray(0, at), bytes.subarray(from, to), rest.subarray(at));
  },
  function insertNoise(bytes, draw) {
    const at = below(draw, bytes.length + 1);
    const noise = Uint8Array.from({ length: 1 + below(draw, 32) }, () => below(draw, 256));
    return join(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
  function clear(bytes, draw) {
    const [from, to] = span(bytes, draw);
    return bytes.slice().fill(0, from, to);
  },
  function extremeNumber(bytes, draw) {
    return replaceWord(bytes, draw, /-?\d+(\.\d+)?/g, EXTREMES[below(draw, EXTREMES.length)]!);
  },
  function trick(bytes, draw) {
    return replaceWord(bytes, draw, /\w+/g, TRICKS[below(draw, TRICKS.length)]!);
  },
];

const below = (draw: Draw, n: number) => Math.floor(n * draw());

function span(bytes: Uint8Array, draw: Draw, longest = bytes.length): [from: number, to: number] {
  const from = below(draw, bytes.length + 1);
  return [from, Math.min(from + below(draw, longest + 1), bytes.length)];
}

const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** One of the words that fit becomes another. The bytes are read as Latin-1, so that any file survives it. */
function replaceWord(bytes: Uint8Array, draw: Draw, pattern: RegExp, word: string): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const places = [...text.matchAll(pattern)];
  const place = places[below(draw, places.length)];
  if (!place) return bytes;
  return join(bytes.subarray(0, place.index), new TextEncoder().encode(word), bytes.subarray(place.index + place[0].length));
}
