/** What every package stands on; it runs in browsers too. Files are in `@singleshot/base/atomic-file`. */
export { type PlainError, plainError, thrownError } from "./across-threads.js";
export { InputError, type InputErrorPlace } from "./input-error.js";
