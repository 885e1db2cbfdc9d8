import { damaged, dataView, decodeUtf8 } from "../bytes.js";

/** Gives the thing outside the pickle that an id stands for: a storage. */
export type PersistentLoad = (id: unknown) => unknown;

const MAX_MEMORY = 2 ** 27; // bytes, estimated; a state dict of 1,000 tensors takes 5 MB
const COST = { value: 32, container: 200, memo: 200 }; // bytes of memory: an empty Map is one byte in the file

/** The stack machine that a pickle is a program for. Nothing can be taken from below the last mark, and memory is bounded. */
export class PickleMachine {
  stopped = false;
  private readonly stack: unknown[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly view: DataView;
  private memory = 0;

  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly persistentLoad: PersistentLoad,
  ) {
    this.view = dataView(bytes);
  }

  get depth(): number {
    return this.stack.length;
  }

  stop(): void {
    this.stopped = true;
  }

  push(value: unknown): void {
    this.spend(typeof value === "object" && value !== null ? COST.container : COST.value);
    this.stack.push(value);
  }

  top(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) damaged("the pickle takes more from its stack than is there");
    return this.stack.at(-1);
  }

  pop(): unknown {
    this.top();
    return this.stack.pop();
  }

  mark(): void {
    this.spend(COST.value);
    this.marks.push(this.stack.length);
  }

  /** Takes everything above the last mark. */
  popMark(): unknown[] {
    const mark = this.marks.pop();
    if (mark === undefined) damaged("the pickle uses a mark that it never set");
    return this.stack.splice(mark);
  }

  memorize(index = this.memo.size): void {
    this.spend(COST.memo);
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.memo.has(index)) damaged(`the pickle asks for memo ${index}, which it never wrote`);
    this.spend(COST.value);
    this.stack.push(this.memo.get(index));
  }

  /** The next `length` bytes. */
  take(length: number): Uint8Array {
    const left = this.bytes.length - this.at;
    if (length > left) damaged(`the pickle ends early: ${length} bytes are wanted, ${left} are left`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(length: number): string {
    const bytes = this.take(length);
    this.spend(2 * length);
    return decodeUtf8(bytes, "a text in the pickle");
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    const text = this.text(end < 0 ? Number.POSITIVE_INFINITY : end - this.at);
    this.at++;
    return text;
  }

  uint(size: 1 | 2 | 4): number {
    this.take(size);
    const at = this.at - size;
    return size === 1 ? this.view.getUint8(at) : size === 2 ? this.view.getUint16(at, true) : this.view.getUint32(at, true);
  }

  uint64(): number {
    return this.uint(4) + this.uint(4) * 2 ** 32;
  }

  /** Big-endian, alone among the numbers of a pickle. */
  float64(): number {
    this.take(8);
    return this.view.getFloat64(this.at - 8, false);
  }

  /** Counts memory. */
  spend(bytes: number): void {
    this.memory += bytes;
    if (this.memory > MAX_MEMORY) damaged("the pickle makes more values than any checkpoint needs");
  }
}
