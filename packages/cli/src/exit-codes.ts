/** What a command ends with. */
export const EXIT = {
  done: 0,
  /** our fault, the stack is shown; or another process of several is gone */
  ours: 1,
  /** the input is wrong; one message says what, where, and what to do */
  input: 2,
  /** Ctrl-C; what could be saved is saved */
  interrupted: 130,
} as const;
