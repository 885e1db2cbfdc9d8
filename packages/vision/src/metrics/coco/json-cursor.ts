import { decimal } from "./decimal.js";

const [TAB, NEWLINE, RETURN, SPACE, QUOTE] = [0x09, 0x0a, 0x0d, 0x20, 0x22];
const [PLUS, MINUS, POINT, ZERO, NINE, LARGE_E, SMALL_E] = [0x2b, 0x2d, 0x2e, 0x30, 0x39, 0x45, 0x65];
const ROOM = 9e14; // below it there is room for one more digit under 2^53

/** A place in a text of JSON, which goes forward token by token and makes no object on the way. */
export class JsonCursor {
  #at = 0;
  /** the digits of a number: high · 10^shift + low */
  #high = 0;
  #low = 0;
  #shift = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Goes past this punctuation mark, if it comes next. */
  takes(mark: number): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  isAtEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#bytes.length;
  }

  /** Which of these words comes next as a string; -1: none of them. */
  takesOneOf(words: readonly Uint8Array[]): number {
    if (!this.takes(QUOTE)) return -1;
    const found = words.findIndex((word) => this.#standsHere(word));
    if (found >= 0) this.#at += words[found]!.length + 1;
    return found;
  }

  #standsHere(word: Uint8Array): boolean {
    for (let i = 0; i < word.length; i++) if (this.#bytes[this.#at + i] !== word[i]) return false;
    return this.#bytes[this.#at + word.length] === QUOTE;
  }

  /** The number that comes next, the one that `JSON.parse` gives; NaN where none comes. */
  number(): number {
    this.#skipSpace();
    const start = this.#at;
    const negative = this.#bytes[start] === MINUS;
    if (negative) this.#at++;
    const first = this.#at;
    this.#high = this.#low = this.#shift = 0;
    const whole = this.#takesDigits();
    if (whole === 0 || (whole > 1 && this.#bytes[first] === ZERO)) return Number.NaN;
    let decimals = 0;
    if (this.#bytes[this.#at] === POINT) {
      this.#at++;
      decimals = this.#takesDigits();
      if (decimals === 0) return Number.NaN;
    }
    const value = this.#takesExponent() ? Number.NaN : decimal(this.#high, this.#low, this.#shift, decimals);
    if (Number.isNaN(value)) return Number(String.fromCharCode(...this.#bytes.subarray(start, this.#at)));
    return negative ? -value : value;
  }

  /** Adds the digits that come next to those before. @returns how many there are */
  #takesDigits(): number {
    const start = this.#at;
    for (let byte = this.#bytes[start]!; byte >= ZERO && byte <= NINE; byte = this.#bytes[++this.#at]!) {
      if (this.#high < ROOM) this.#high = 10 * this.#high + (byte - ZERO);
      else {
        this.#low = 10 * this.#low + (byte - ZERO);
        this.#shift++;
      }
    }
    return this.#at - start;
  }

  #takesExponent(): boolean {
    const letter = this.#bytes[this.#at];
    if (letter !== SMALL_E && letter !== LARGE_E) return false;
    const sign = this.#bytes[++this.#at];
    if (sign === PLUS || sign === MINUS) this.#at++;
    this.#takesDigits();
    return true; // without digits behind it, `Number` says NaN
  }

  #skipSpace(): void {
    for (let byte = this.#bytes[this.#at]!; byte <= SPACE; byte = this.#bytes[++this.#at]!) {
      if (byte !== SPACE && byte !== NEWLINE && byte !== RETURN && byte !== TAB) return;
    }
  }
}
