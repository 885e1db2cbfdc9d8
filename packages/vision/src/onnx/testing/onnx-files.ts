import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

const { LengthDelimited, Varint } = WireType;

export type Write = (writer: BinaryWriter) => unknown;

/** A length-delimited field. */
export const part =
  (number: number, write: Write): Write =>
  (writer) => {
    writer.tag(number, LengthDelimited).fork();
    write(writer);
    writer.join();
  };
export const all =
  (...writes: Write[]): Write =>
  (writer) => {
    for (const write of writes) write(writer);
  };
export const int =
  (number: number, value: number | bigint): Write =>
  (writer) =>
    writer.tag(number, Varint).int64(value);
export const text =
  (number: number, value: string): Write =>
  (writer) =>
    writer.tag(number, LengthDelimited).string(value);
export const bytes =
  (number: number, value: Uint8Array): Write =>
  (writer) =>
    writer.tag(number, LengthDelimited).bytes(value);

export const entry = (number: number, key: string, value: string) => part(number, all(text(1, key), text(2, value)));
export const tensor = (...fields: Write[]) => part(5, all(...fields));
export const four = new Uint8Array(4);

export function encoded(...fields: Write[]): Uint8Array {
  const writer = new BinaryWriter();
  all(...fields)(writer);
  return writer.finish();
}

/** A model around a graph, as file. */
export const file = (...graph: Write[]) => encoded(int(1, 7), part(8, int(2, 11)), part(7, all(...graph)));

export const good = file(tensor(int(1, 1), int(2, 1), text(8, "w"), bytes(9, four)));

const ofItself = (): Write[] => {
  const detector = {
    input: { resize: "letterbox", width: 320, height: 320, fill: [114, 114, 114] },
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
    scores: "sigmoid",
    postprocess: { scoreThreshold: 0.05, nms: { iouThreshold: 0.5 }, clip: "before-nms", clipTo: "border" },
  };
  const texts = {
    singleshot: "1",
    graph: "decoded",
    precision: "float32",
    classes: '["cat"]',
    recipe: JSON.stringify({ detector }),
    weights: "0",
  };
  return Object.entries(texts).map(([key, value]) => entry(14, key, value));
};

/** As `export` writes them, but for the graph. */
export const exported = () => new Uint8Array([...encoded(...ofItself()), ...good]);

/** The same as protobuf writes it: fields by their numbers, so that the metadata lies behind the graph. */
export const savedAgain = () => new Uint8Array([...good, ...encoded(...ofItself())]);
