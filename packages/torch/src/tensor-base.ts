import { inspect } from "node:util";
import { arrayTypes, type DType, type MemoryFormat } from "./dtype.js";
import { type Handle, native, type TensorBuffer } from "./native.js";
import { adopt, type Owned, type Scope } from "./scope.js";

type ArrayOf<D extends DType> = InstanceType<(typeof arrayTypes)[D]>;

/** What every tensor can do besides its operators (those are generated, see operators.ts). */
export class TensorBase implements Owned, Disposable {
  handle: Handle;
  owner: Scope | undefined = undefined;

  /** @internal Takes over a handle that native code has given. */
  constructor(handle: Handle) {
    this.handle = handle;
    adopt(this);
  }

  get shape(): number[] {
    return native.shape(this.handle);
  }
  get strides(): number[] {
    return native.strides(this.handle);
  }
  get dtype(): DType {
    return native.dtype(this.handle);
  }
  get device(): string {
    return native.device(this.handle);
  }
  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((product, side) => product * side, 1);
  }
  isContiguous(format: MemoryFormat = "contiguous"): boolean {
    return native.isContiguous(this.handle, format);
  }
  /** Where its elements lie: two tensors with one address share memory. Offset in elements, size of the whole storage in bytes. */
  get storage(): { address: number; offset: number; bytes: number } {
    const [address, offset, bytes] = native.storage(this.handle);
    return { address, offset, bytes };
  }

  get requiresGrad(): boolean {
    return native.requiresGrad(this.handle);
  }
  set requiresGrad(on: boolean) {
    native.setRequiresGrad(this.handle, on);
  }
  /**
   * Adds the gradient of this tensor to `.grad` of everything it was computed from.
   * @param gradient where to start from; needed unless the tensor has one element
   */
  backward({ gradient, retainGraph = false }: { gradient?: TensorBase; retainGraph?: boolean } = {}): void {
    native.backward(this.handle, gradient?.handle ?? null, retainGraph);
  }

  /** A copy of the elements in row-major order: numbers, bigints for int64, bits for the 16-bit floats. */
  toTypedArray<D extends DType = "float32">(): ArrayOf<D> {
    const plain = this.plain();
    const array = new arrayTypes[this.dtype](elementsIn(plain)) as ArrayOf<D>;
    native.copyOut(plain, array as TensorBuffer);
    if (plain !== this.handle) native.release(plain);
    return array;
  }

  /**
   * The tensor's own memory, without a copy where it is contiguous and on the CPU: writes are seen on both sides. It stays valid after the
   * tensor is disposed.
   */
  toSharedView<D extends DType = "float32">(): ArrayOf<D> {
    const plain = this.plain();
    const buffer = native.toArrayBuffer(plain);
    if (plain !== this.handle) native.release(plain);
    return new arrayTypes[this.dtype](buffer) as ArrayOf<D>;
  }

  private plain(): Handle {
    if (this.device === "cpu" && this.isContiguous()) return this.handle;
    const onCpu =
      this.device === "cpu" ? native.alias(this.handle) : (native.call(toDevice, this.handle, "cpu", native.dtype(this.handle)) as Handle);
    const plain = native.call(contiguous, onCpu) as Handle;
    native.release(onCpu);
    return plain;
  }

  /** Frees the tensor now; using it afterwards is an error. Disposing twice does no harm. */
  dispose(): void {
    if (this.handle === 0) return;
    native.release(this.handle);
    this.handle = 0;
    this.owner = undefined;
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return this.handle === 0 ? "Tensor (disposed)" : `Tensor ${this.dtype} [${this.shape.join(", ")}]`;
  }
  [inspect.custom](): string {
    if (this.handle === 0 || this.size > 32) return this.toString();
    return `${this.toString()} ${inspect([...this.toTypedArray()], { breakLength: Number.POSITIVE_INFINITY })}`;
  }
}

const contiguous = native.op("aten::contiguous", "");
const toDevice = native.op("aten::to", "device");

function elementsIn(handle: Handle): number {
  const elements = native.shape(handle).reduce((product, side) => product * side, 1);
  return native.dtype(handle).startsWith("complex") ? 2 * elements : elements;
}

/** The handle of what must be a tensor: a bare number, a tensor that was disposed or anything else is refused by name. */
export function handleOf(value: unknown, argument: string): Handle {
  if (!(value instanceof TensorBase)) throw new TypeError(`${argument} must be a Tensor, not ${inspect(value, { depth: 0 })}`);
  if (value.handle === 0) throw new Error(`${argument}: this tensor was disposed`);
  return value.handle;
}

export function handleOrNull(value: unknown, argument: string): Handle | null | undefined {
  return value === null || value === undefined ? value : handleOf(value, argument);
}

export function handlesOf(values: readonly unknown[], argument: string): Handle[] {
  return values.map((value) => handleOf(value, argument));
}

export function handlesOrNull(values: readonly unknown[], argument: string): (Handle | null)[] {
  return values.map((value) => (value === null ? null : handleOf(value, argument)));
}
