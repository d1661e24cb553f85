// Finds the ends of values in a JSON document without parsing them. The later parse checks whether they are valid JSON.

/** Counts bytes that were read, and yields to the event loop. */
export type SpendBytes = (bytes: number) => Promise<void>;

/** Bytes read between two counts. An item of at most this size is read without a count. */
const [READ_BYTES, SHORT_BYTES] = [65_536, 1_024];
const [QUOTE, BACKSLASH, COMMA] = [34, 92, 44];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

export class JsonScanner {
  readonly #json: Uint8Array;
  readonly #spend: SpendBytes;
  at = 0;

  constructor(json: Uint8Array, spend: SpendBytes) {
    this.#json = json;
    this.#spend = spend;
  }

  /** Skips white space and `token`. Stays in place if something else follows. */
  takes(token: string): boolean {
    const from = this.pastSpace();
    for (let i = 0; i < token.length; i++) if (this.#json[from + i] !== token.charCodeAt(i)) return false;
    this.at = from + token.length;
    return true;
  }

  /** Whether the document's object ends here, with nothing after it. */
  isAtEnd(): boolean {
    return this.takes("}") && this.pastSpace() === this.#json.length;
  }

  /** Position of the next byte that is not white space. Stops after 64 KiB of white space, more than any JSON needs. */
  pastSpace(): number {
    const most = this.at + READ_BYTES;
    let at = this.at;
    while (at < most && isSpace(this.#json[at])) at++;
    return at;
  }

  /**
   * Skips to the end of an item: a comma or a bracket outside of its strings, arrays and objects. Returns false if there is
   * none.
   */
  async skipItem(): Promise<boolean> {
    const state = { depth: 0, isInString: false };
    while (this.at < this.#json.length) {
      const from = this.at;
      const isOver = this.#read(state, Math.min(this.#json.length, from + READ_BYTES));
      await this.#spend(this.at - from);
      if (isOver) return true;
    }
    return false;
  }

  /** Like `skipItem`, without yielding. Stays in place and returns false if the item is long. */
  skipShortItem(): boolean {
    const from = this.at;
    if (this.#read({ depth: 0, isInString: false }, Math.min(this.#json.length, from + SHORT_BYTES))) return true;
    this.at = from;
    return false;
  }

  /** Skips white space and a short string. Returns false if there is none. */
  skipShortString(): boolean {
    const from = this.pastSpace();
    if (this.#json[from] !== QUOTE) return false;
    for (let at = from + 1; at < from + SHORT_BYTES; at++) {
      const byte = this.#json[at];
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) {
        this.at = at + 1;
        return true;
      }
    }
    return false;
  }

  /** Reads up to `end`. Returns true at the end of the item. */
  #read(state: { depth: number; isInString: boolean }, end: number): boolean {
    const json = this.#json;
    let { depth, isInString } = state;
    let at = this.at;
    for (; at < end; at++) {
      const byte = json[at];
      if (isInString) {
        if (byte === BACKSLASH) at++;
        else if (byte === QUOTE) isInString = false;
      } else if (byte === QUOTE) isInString = true;
      else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
      else if (depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)) break;
      else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
    }
    state.depth = depth;
    state.isInString = isInString;
    this.at = at;
    return at < end;
  }
}

export const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;
