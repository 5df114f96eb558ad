/** A queue of pixels: the lowest value first, of equal values the one that came first. */
export class PixelHeap {
  #values = new Float64Array(1024);
  #ages = new Float64Array(1024);
  #pixels = new Int32Array(1024);
  #count = 0;
  #age = 0;

  get size(): number {
    return this.#count;
  }

  /** Of the first pixel. */
  get lowest(): number {
    return this.#count === 0 ? Infinity : this.#values[0];
  }

  push(value: number, pixel: number): void {
    if (this.#count === this.#values.length) this.#grow();
    const age = this.#age++;
    let i = this.#count++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      // The newcomer is the youngest: of equal values the parent stays.
      if (this.#values[parent] <= value) break;
      this.#move(parent, i);
      i = parent;
    }
    this.#put(i, value, age, pixel);
  }

  /** Takes the first pixel; -1 when there is none. */
  pop(): number {
    if (this.#count === 0) return -1;
    const first = this.#pixels[0];
    const last = --this.#count;
    const [value, age, pixel] = [this.#values[last], this.#ages[last], this.#pixels[last]];
    let i = 0;
    for (let child = 1; child < last; child = 2 * i + 1) {
      if (child + 1 < last && this.#before(child + 1, this.#values[child], this.#ages[child])) child++;
      if (!this.#before(child, value, age)) break;
      this.#move(child, i);
      i = child;
    }
    this.#put(i, value, age, pixel);
    return first;
  }

  #before(i: number, value: number, age: number): boolean {
    return this.#values[i] < value || (this.#values[i] === value && this.#ages[i] < age);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#values[from], this.#ages[from], this.#pixels[from]);
  }

  #put(i: number, value: number, age: number, pixel: number): void {
    this.#values[i] = value;
    this.#ages[i] = age;
    this.#pixels[i] = pixel;
  }

  #grow(): void {
    const length = this.#values.length * 2;
    const [values, ages, pixels] = [new Float64Array(length), new Float64Array(length), new Int32Array(length)];
    values.set(this.#values);
    ages.set(this.#ages);
    pixels.set(this.#pixels);
    this.#values = values;
    this.#ages = ages;
    this.#pixels = pixels;
  }
}
