/**
 * SHA-256 (FIPS 180-4). Browsers have it too, but only for pages that came over https.
 */

const PRIMES = firstPrimes(64);
const ROUND = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const BLOCK = 64; // bytes

export class Sha256 {
  constructor() {
    this.state = START.slice();
    this.words = new Int32Array(64);
    this.block = new Uint8Array(BLOCK);
    this.filled = 0;
    this.length = 0;
  }

  /** @param {Uint8Array} bytes that follow */
  update(bytes) {
    this.length += bytes.length;
    let taken = 0;
    if (this.filled) {
      taken = Math.min(bytes.length, BLOCK - this.filled);
      this.block.set(bytes.subarray(0, taken), this.filled);
      this.filled += taken;
      if (this.filled < BLOCK) return this;
      this.compress(this.block, 0);
    }
    for (; taken + BLOCK <= bytes.length; taken += BLOCK) this.compress(bytes, taken);
    this.filled = bytes.length - taken;
    this.block.set(bytes.subarray(taken));
    return this;
  }

  /** @returns {Uint8Array} 32 bytes */
  digest() {
    const end = new Uint8Array((this.filled < 56 ? 56 : 120) - this.filled + 8);
    const view = new DataView(end.buffer);
    end[0] = 128;
    view.setUint32(end.length - 8, Math.floor(this.length / 2 ** 29));
    view.setUint32(end.length - 4, (this.length * 8) >>> 0);
    this.update(end);
    const out = new DataView(new ArrayBuffer(32));
    this.state.forEach((word, i) => out.setInt32(4 * i, word));
    return new Uint8Array(out.buffer);
  }

  /** @param {Uint8Array} bytes @param {number} start of a block */
  compress(bytes, start) {
    const { words, state } = this;
    this.expand(bytes, start);
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const high = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const one = (h + high + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
      const low = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }

  /** @param {Uint8Array} block @param {number} start */
  expand(block, start) {
    const { words } = this;
    for (let i = 0; i < 16; i++) {
      const at = start + 4 * i;
      words[i] = (block[at] << 24) | (block[at + 1] << 16) | (block[at + 2] << 8) | block[at + 3];
    }
    for (let i = 16; i < 64; i++) {
      const x = words[i - 15];
      const y = words[i - 2];
      const low = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
      const high = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
      words[i] = words[i - 16] + low + words[i - 7] + high;
    }
  }
}

/**
 * @param {number} word
 * @param {number} by
 */
function turned(word, by) {
  return (word >>> by) | (word << (32 - by));
}

/** @param {number} count */
function firstPrimes(count) {
  /** @type {number[]} */
  const primes = [];
  for (let n = 2; primes.length < count; n++) {
    if (primes.every((prime) => n % prime)) primes.push(n);
  }
  return primes;
}

/** The first 32 bits behind the point. @param {number} root */
function fraction(root) {
  return Math.floor((root % 1) * 2 ** 32) | 0;
}
