// lib_png.mjs - makes a screenshot small enough to keep in the repository: the same picture with at most 256 colours.
// Takes what Chromium writes: 8 bits a channel, RGB or RGBA, not interlaced (the PNG specification, www.w3.org/TR/png).
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

function chunksOf(file) {
  const found = [];
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    found.push({ type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return found;
}

function paeth(a, b, c) {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

const predictors = [() => 0, (a) => a, (a, b) => b, (a, b) => (a + b) >> 1, paeth];

// Rows of bytes without their filters.
function unfilter(raw, height, stride, step) {
  const out = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y++) {
    const predict = predictors[raw[y * (stride + 1)]];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const a = x >= step ? out[at - step] : 0;
      const b = y ? out[at - stride] : 0;
      const c = y && x >= step ? out[at - stride - step] : 0;
      out[at] = raw[y * (stride + 1) + 1 + x] + predict(a, b, c);
    }
  }
  return out;
}

const distance = (one, other) => (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2;

// The 256 colours that are used most, each at least a little different from the others.
function paletteOf(counts) {
  const palette = [];
  for (const [colour] of [...counts].sort((one, other) => other[1] - one[1])) {
    const rgb = [colour >> 16, (colour >> 8) & 255, colour & 255];
    if (palette.every((each) => distance(each, rgb) > 40)) palette.push(rgb);
    if (palette.length === 256) break;
  }
  return palette;
}

function nearest(colour, palette) {
  const rgb = [colour >> 16, (colour >> 8) & 255, colour & 255];
  let best = 0;
  for (let place = 1; place < palette.length; place++) if (distance(palette[place], rgb) < distance(palette[best], rgb)) best = place;
  return best;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

export function smallPng(file) {
  const chunks = chunksOf(file);
  const header = chunks.find(({ type }) => type === 'IHDR').data;
  const [width, height, step] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3];
  const raw = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const pixels = unfilter(raw, height, width * step, step);
  const colourAt = (at) => (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
  const counts = new Map();
  for (let at = 0; at < pixels.length; at += step) counts.set(colourAt(at), (counts.get(colourAt(at)) ?? 0) + 1);
  const palette = paletteOf(counts);
  const places = new Map([...counts.keys()].map((colour) => [colour, nearest(colour, palette)]));
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = places.get(colourAt((y * width + x) * step));
  const small = Buffer.from(header);
  small[8] = 8; // bits
  small[9] = 3; // a palette
  return Buffer.concat([signature, chunk('IHDR', small), chunk('PLTE', Buffer.from(palette.flat())), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
