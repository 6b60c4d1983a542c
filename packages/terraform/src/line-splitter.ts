// Text → lines, as a terminal would show them. The result does not depend on how the text is cut into chunks, so that
// line numbers stay the same when a file is read again.

/** Longest line, in UTF-16 units; a longer one is cut into pieces. */
export const maxLineLength = 64 * 1024;

/**
 * Splits at `\n` and `\r\n`. A lone `\r` starts the line again, as a progress bar means it: only what follows the last
 * one is kept.
 */
export class LineSplitter {
  #line = '';
  #carriageReturn = false;
  #lines: string[] = [];

  /** The lines that `text` completes. */
  push(text: string): string[] {
    let from = 0;
    for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
      this.#append(text.slice(from, to));
      this.#finishLine();
      from = to + 1;
    }
    this.#append(text.slice(from));
    return this.#take();
  }

  /** The last line, when it has no end. */
  end(): string[] {
    if (this.#line !== '') this.#finishLine();
    return this.#take();
  }

  #append(text: string): void {
    for (const [index, part] of text.split('\r').entries()) {
      if (index > 0) this.#carriageReturn = true;
      this.#write(part);
    }
  }

  #write(text: string): void {
    if (text === '') return;
    this.#line = this.#carriageReturn ? text : this.#line + text;
    this.#carriageReturn = false;
    while (this.#line.length > maxLineLength) {
      const end = isHighSurrogate(this.#line.charCodeAt(maxLineLength - 1)) ? maxLineLength - 1 : maxLineLength;
      this.#lines.push(this.#line.slice(0, end));
      this.#line = this.#line.slice(end);
    }
  }

  #finishLine(): void {
    this.#lines.push(this.#line);
    this.#line = '';
    this.#carriageReturn = false;
  }

  #take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
