import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "@singleshot/base";
import type { DType, MemoryFormat } from "./dtype.js";

/** A tensor as native code knows it: a slot number with its generation. 0 is a tensor that was disposed. */
export type Handle = number;
/** An operator as native code knows it; -1 is one that this libtorch does not have. */
export type OperatorId = number;

type Buffers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | BigInt64Array;
export type TensorBuffer = Buffers;

interface Native {
  op(name: string, overload: string): OperatorId;
  schema(operator: OperatorId): string;
  call(operator: OperatorId, ...args: unknown[]): never;
  callInPlace(operator: OperatorId, ...args: unknown[]): void;
  /** Is told of every operator after it was called, except those that it calls itself; null ends it. */
  setRecorder(recorder: ((operator: OperatorId, args: unknown[], result: unknown) => void) | null): void;

  fromBuffer(buffer: Buffers, dtype: DType, shape: readonly number[]): Handle;
  toArrayBuffer(tensor: Handle): ArrayBuffer;
  copyOut(tensor: Handle, into: Buffers): void;
  shape(tensor: Handle): number[];
  strides(tensor: Handle): number[];
  dtype(tensor: Handle): DType;
  device(tensor: Handle): string;
  isContiguous(tensor: Handle, format: MemoryFormat): boolean;
  storage(tensor: Handle): [address: number, offset: number, bytes: number];
  alias(tensor: Handle): Handle;
  release(tensor: Handle): void;
  releaseAll(tensors: Float64Array, count: number): void;
  track(tensor: Handle): void;
  liveTensors(): number;

  backward(tensor: Handle, gradient: Handle | null, retainGraph: boolean): void;
  grad(tensor: Handle): Handle | null;
  setGrad(tensor: Handle, gradient: Handle | null): void;
  requiresGrad(tensor: Handle): boolean;
  setRequiresGrad(tensor: Handle, on: boolean): void;
  setGradMode(on: boolean): boolean;
  enterInferenceMode(on: boolean): void;
  exitInferenceMode(): void;

  enterAutocast(on: boolean, dtype: DType, device: string): void;
  exitAutocast(): void;

  connectStore(host: string, port: number, serves: boolean, timeoutMs: number): Promise<number>;
  setInStore(store: number, key: string, text: string): Promise<void>;
  getFromStore(store: number, key: string): Promise<string>;
  addInStore(store: number, key: string, amount: number): Promise<number>;
  storeHas(store: number, key: string): Promise<boolean>;
  closeStore(store: number): void;
  openGroup(store: number, name: string, rank: number, size: number, address: string, timeoutMs: number): Promise<number>;
  closeGroup(group: number): void;
  hasNccl(): boolean;
  addNccl(group: number): void;
  groupFailed(group: number): boolean;
  allReduce(group: number, tensor: Handle, reduction: "sum" | "max" | "min"): Promise<void>;
  startSum(group: number, tensor: Handle): number;
  awaitSum(sum: number): void;
  broadcast(group: number, tensor: Handle, root: number): Promise<void>;
  allGather(group: number, tensor: Handle): Promise<Handle>;
  barrier(group: number): Promise<void>;
  openGradientBuckets(group: number, parameters: Handle[], bucketBytes: number, overlap: boolean): number;
  armGradientBuckets(buckets: number): void;
  reduceGradients(buckets: number): Promise<void>;
  gradientBucketTimes(buckets: number): number[];
  closeGradientBuckets(buckets: number): void;

  version(): string;
  configuration(): string;
  threads(): number;
  setThreads(count: number): void;
  keepFreedMemory(): boolean;
  deviceCount(type: string): number | null;
  deviceName(device: string): string;
  deviceIdentity(device: string): string;
  useDevice(device: string): void;
  synchronize(device: string): void;
  preferDeterministic(on: boolean): void;

  generator(): number;
  deviceGenerator(device: string): number | null;
  seed(generator: number, seed: number | bigint): void;
  generatorState(generator: number): Handle;
  setGeneratorState(generator: number, state: Handle): void;
}

/** The addon that set-up built last, or the one that SINGLESHOT_ADDON names: the tests run on two versions of libtorch. */
export function addonFile(): string {
  if (process.env.SINGLESHOT_ADDON) return resolve(process.env.SINGLESHOT_ADDON);
  const build = fileURLToPath(new URL("../build/", import.meta.url));
  const pointer = join(build, "current.json");
  if (!existsSync(pointer)) throw new InputError("libtorch is not set up yet", { fix: "run `npm run setup`" });
  const { addon } = JSON.parse(readFileSync(pointer, "utf8")) as { addon: string };
  return join(build, addon);
}

function load(): Native {
  // libgomp spins at barriers; unbounded, one busy neighbour makes a step four times slower. It reads this when it is loaded.
  process.env.GOMP_SPINCOUNT ??= "10000";
  return createRequire(import.meta.url)(addonFile()) as Native;
}

export const native = load();
