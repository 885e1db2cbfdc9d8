import { usableCores } from "./cores.js";
import { native } from "./native.js";

/** "1.13.0": the libtorch that is loaded. */
export const libtorchVersion = (): string => native.version();
export const libtorchMajor = (): number => Number(native.version().split(".")[0]);
export const libtorchConfiguration = (): string => native.configuration();

export const threads = (): number => native.threads();
export const setThreads = (count: number): void => native.setThreads(count);

/** Tensors that have not been freed, in this thread. */
export const liveTensors = (): number => native.liveTensors();

/**
 * Whether the large blocks of freed tensors lie on huge pages and stay with the process for the next step (Linux only): faster
 * training steps for more resident memory, at most a quarter above the peak. On unless SINGLESHOT_ALLOCATOR=system.
 */
export const keepsFreedMemory: boolean = process.env.SINGLESHOT_ALLOCATOR !== "system" && native.keepFreedMemory();

// Debian's libtorch starts with one thread whatever the machine has.
native.setThreads(process.env.OMP_NUM_THREADS ? Number(process.env.OMP_NUM_THREADS) : usableCores());
