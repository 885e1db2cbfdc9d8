import { type Handle, native } from "./native.js";

/** What a scope can free: the tensor layer's view of a tensor. */
export interface Owned {
  /** 0 once disposed. */
  handle: Handle;
  /** The scope that will free it, or undefined: then garbage collection does. */
  owner: Scope | undefined;
}

export interface Scope {
  members: Owned[];
  parent: Scope | undefined;
}

let current: Scope | undefined;

const collected = new FinalizationRegistry<Handle>((handle) => native.release(handle));

/** Gives a new tensor to the innermost scope, or to garbage collection where there is none. */
export function adopt(tensor: Owned): void {
  if (current) {
    tensor.owner = current;
    current.members.push(tensor);
  } else {
    leaveToCollector(tensor);
  }
}

function leaveToCollector(tensor: Owned): void {
  tensor.owner = undefined;
  collected.register(tensor, tensor.handle);
  native.track(tensor.handle);
}

/** Puts other memory under a tensor that belongs to no scope; whoever holds the tensor sees the change. */
export function replaceHandle(tensor: Owned, handle: Handle): void {
  native.release(tensor.handle);
  tensor.handle = handle;
  leaveToCollector(tensor);
}

/** Takes a tensor out of its scope: from now on it lives until it is disposed or no longer referenced. */
export function keep<T extends Owned>(tensor: T): T {
  if (tensor.owner && tensor.handle !== 0) leaveToCollector(tensor);
  return tensor;
}

/**
 * Runs `body` and frees every tensor made inside, except those in its result: a tensor, or arrays and plain objects of tensors.
 * What the result holds goes to the scope around this one.
 */
export function scope<T>(body: () => T): T {
  const own: Scope = { members: [], parent: current };
  current = own;
  try {
    const result = body();
    if (result instanceof Promise) throw new TypeError("scope: the body must not be asynchronous, its tensors would be freed too early");
    passOn(result, own);
    return result;
  } finally {
    current = own.parent;
    release(own);
  }
}

function passOn(value: unknown, from: Scope): void {
  if (typeof value !== "object" || value === null) return;
  if ("handle" in value && "owner" in value) {
    const tensor = value as Owned;
    if (tensor.owner !== from) return;
    if (from.parent) {
      tensor.owner = from.parent;
      from.parent.members.push(tensor);
    } else {
      leaveToCollector(tensor);
    }
  } else if (Array.isArray(value)) {
    for (const item of value) passOn(item, from);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) passOn(item, from);
  }
}

/** Handles on their way out: native code reads them from here, many in one crossing. */
const leaving = new Float64Array(512);

function release(scope: Scope): void {
  let count = 0;
  for (const tensor of scope.members) {
    if (tensor.owner !== scope || tensor.handle === 0) continue;
    leaving[count++] = tensor.handle;
    tensor.handle = 0;
    tensor.owner = undefined;
    if (count === leaving.length) {
      native.releaseAll(leaving, count);
      count = 0;
    }
  }
  if (count > 0) native.releaseAll(leaving, count);
}
