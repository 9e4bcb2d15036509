// Where the rows of a very long list stand.
//
// No browser lets an element be taller than some 17 to 33 million pixels; a million rows of 44 px are
// 44 million. So the scrolled element has a height of at most `tallest`, cut into pages: within a page
// scrolling is exact, to the pixel; from page to page the rows are shifted by `offset`. Small movements
// (wheel, finger, keys) walk through the pages, big ones (the thumb dragged) jump in proportion.
// Pure arithmetic, no DOM: tests/browser/logic.test.mjs.

const tallest = 15_000_000;
/** A page is so long that crossing into the next one is rare, and so short that the shift is small. */
const pageShare = 100;

export interface Geometry {
  /** Height of the scrolled element. */
  height: number;
  /** What is to be taken off `index * rowHeight` for the row's place in it. */
  offset: number;
  /** Where the top of the window is, in the whole list. */
  top: number;
}

export class VirtualRows {
  private page = 0;
  private offset = 0;
  private last = 0;

  constructor(
    private count: number,
    private rowHeight: number,
    private viewport: number,
  ) {}

  private get whole(): number {
    return this.count * this.rowHeight;
  }
  get height(): number {
    return Math.min(this.whole, tallest);
  }
  private get pageHeight(): number {
    return this.height / pageShare;
  }
  private get pages(): number {
    return Math.max(1, Math.floor(this.whole / this.pageHeight));
  }
  private get jump(): number {
    return this.pages > 1 ? (this.whole - this.height) / (this.pages - 1) : 0;
  }

  resize(count: number, rowHeight: number, viewport: number): void {
    this.count = count;
    this.rowHeight = rowHeight;
    this.viewport = viewport;
  }

  private enterPage(page: number): void {
    this.page = Math.max(0, Math.min(this.pages - 1, page));
    this.offset = Math.round(this.page * this.jump);
  }

  /** Tells where things are after the browser scrolled; `scrollTop` may have to be set to another. */
  scrolled(scrollTop: number): Geometry & { scrollTop: number } {
    const distance = Math.abs(scrollTop - this.last);
    if (this.whole <= this.height) this.enterPage(0);
    else if (distance < this.viewport) return this.goTo(scrollTop + this.offset);
    else {
      const share = scrollTop / Math.max(1, this.height - this.viewport);
      this.enterPage(Math.floor((share * (this.whole - this.viewport)) / this.pageHeight));
    }
    this.last = scrollTop;
    return { ...this.geometry(scrollTop), scrollTop };
  }

  /** To a place in the whole list; the browser is to be scrolled to `scrollTop`. */
  goTo(top: number): Geometry & { scrollTop: number } {
    const bounded = Math.max(0, Math.min(top, this.whole - this.viewport));
    this.enterPage(this.whole > this.height ? Math.floor(bounded / this.pageHeight) : 0);
    const scrollTop = Math.max(0, bounded - this.offset);
    this.last = scrollTop;
    return { ...this.geometry(scrollTop), scrollTop };
  }

  /** The place that brings row `index` into view with the least movement. */
  reveal(index: number, top: number): number {
    const start = index * this.rowHeight;
    if (start < top) return start;
    const end = start + this.rowHeight;
    return end > top + this.viewport ? end - this.viewport : top;
  }

  private geometry(scrollTop: number): Geometry {
    return { height: this.height, offset: this.offset, top: scrollTop + this.offset };
  }
}
