// Pictures that are damaged, or that lie: every one is refused with a reason, or read; nothing else happens.
import { describe, expect, it } from "vitest";
import { crc32 } from "../../../src/backbones/images/crc32.ts";
import { faultOf, imageTools, PICTURES, pictureNamed } from "../../support/pictures.ts";
import { seededRandom } from "../../support/random.ts";

const detailOf = async (file: Uint8Array): Promise<string | undefined> => (await faultOf(file))?.data.detail;

/** The file with other bytes from `at` on. */
function changed(file: Uint8Array, at: number, ...bytes: readonly number[]): Uint8Array {
  const copy = file.slice();
  copy.set(bytes, at);
  return copy;
}

const indexOf = (file: Uint8Array, ...bytes: readonly number[]): number =>
  file.findIndex((_, i) => bytes.every((byte, k) => file[i + k] === byte));

/** A PNG with another size in its header, and the checksum of it. */
function pngOfSize(file: Uint8Array, width: number, height: number): Uint8Array {
  const copy = file.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(copy.subarray(12, 29)));
  return copy;
}

describe("a truncated file", () => {
  it.each(PICTURES)("is refused wherever it ends: $name", async ({ name, file }) => {
    // The last bytes of some files are not part of the picture.
    const spare = name.includes("turned") || name.includes("frames") ? file.length : 8;
    for (let part = 0; part < 16; part++) {
      const fault = await faultOf(file.subarray(0, Math.floor((file.length * part) / 16)));
      if (file.length * (1 - part / 16) > spare) expect(fault?.data.code, `${part}/16`).toBe("unreadable_input");
    }
  });

  it("is said to be one", async () => {
    for (const name of ["jpeg 4:2:0", "jpeg progressive 4:2:0", "webp lossy", "webp lossless"]) {
      const { file } = pictureNamed(name);
      expect(await detailOf(file.subarray(0, file.length * 0.7))).toMatch(/truncated$/);
    }
  });
});

describe("a damaged file", () => {
  it.each(PICTURES)("is refused or read, and nothing else happens: $name", async ({ file }) => {
    const random = seededRandom(file.length);
    for (let round = 0; round < 24; round++) {
      const damaged = file.slice();
      const reach = round % 2 === 0 ? file.length : Math.min(file.length, 200);
      for (let i = 0; i <= random.below(6); i++) damaged[random.below(reach)] = random.below(256);
      const fault = await faultOf(damaged);
      if (fault) expect(fault.data.code).toBe("unreadable_input");
    }
  });

  it("is refused where PNG's checksum of its header is wrong", async () => {
    const { file } = pictureNamed("png colour of 8 bits");
    expect(await detailOf(changed(file, 19, 99))).toBe(
      "The picture cannot be read: the checksum of the PNG file's IHDR is wrong",
    );
  });
});

describe("a file that lies about its size", () => {
  const { file: png } = pictureNamed("png colour of 8 bits");
  const { file: jpeg } = pictureNamed("jpeg 4:2:0");
  const sizeOfJpeg = indexOf(jpeg, 0xff, 0xc0) + 5;

  it("is refused before decoding, with the most pixels, if it claims too many", async () => {
    const expected = /^The picture cannot be read: it has \d+ × \d+ pixels, and the most is 50 million pixels$/;
    expect(await detailOf(pngOfSize(png, 2 ** 31 - 1, 2 ** 31 - 1))).toMatch(expected);
    expect(await detailOf(pngOfSize(png, 100_000, 100_000))).toMatch(expected);
    expect(await detailOf(changed(jpeg, sizeOfJpeg, 0xff, 0xff, 0xff, 0xff))).toMatch(expected);
  });

  it("is refused before decoding, with the most memory, if it claims to need too much", async () => {
    const expected = /takes \d+ MiB, and the most is 60 MiB: store it as baseline JPEG or make it smaller$/;
    const { file: interlaced } = pictureNamed("png colour of 8 bits, interlaced");
    const { file: progressive } = pictureNamed("jpeg progressive 4:4:4");
    const tools = imageTools();
    const detail = async (file: Uint8Array) => (await faultOf(file, tools))?.data.detail;
    expect(await detail(pngOfSize(interlaced, 7_000, 7_000))).toMatch(expected);
    expect(await detail(changed(progressive, indexOf(progressive, 0xff, 0xc2) + 5, 0x17, 0x70, 0x17, 0x70))).toMatch(
      expected,
    );
    expect(tools.memory.peak).toBe(0);
  });

  it("is refused as truncated if it has less data than it claims", async () => {
    expect(await detailOf(pngOfSize(png, 35, 27))).toMatch(/the PNG file is truncated$/);
    expect(await detailOf(changed(jpeg, sizeOfJpeg, 0, 200))).toMatch(/truncated$/);
  });

  it("is read as far as it claims if it has more data", async () => {
    expect(await faultOf(pngOfSize(png, 35, 3))).toBeNull();
  });
});

function chunk(type: string, content: Uint8Array): Uint8Array {
  const made = new Uint8Array(content.length + 12);
  const view = new DataView(made.buffer);
  view.setUint32(0, content.length);
  made.set(new TextEncoder().encode(type), 4);
  made.set(content, 8);
  view.setUint32(content.length + 8, crc32(made.subarray(4, content.length + 8)));
  return made;
}

/** A grey PNG of one pixel whose data inflates to `bytes` zeros. */
async function greyPixel(bytes: number): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream("deflate"));
  const data = new Uint8Array(await new Response(stream).arrayBuffer());
  const header = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0);
  const parts = [chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", new Uint8Array(0))];
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10);
  return new Uint8Array(await new Blob([signature, ...parts]).arrayBuffer());
}

describe("a decompression bomb", () => {
  it("is inflated only as far as its picture goes", async () => {
    const file = await greyPixel(64 * 2 ** 20);
    const tools = imageTools();
    expect(file.length).toBeLessThan(80_000);
    expect(await faultOf(file, tools)).toBeNull();
    expect(tools.memory.peak).toBeLessThan(6 * 2 ** 20);
  });

  it("is refused if it repeats the scans of a progressive JPEG", async () => {
    const { file } = pictureNamed("jpeg grey, progressive");
    const scan = indexOf(file, 0xff, 0xda);
    const next = indexOf(file.subarray(scan + 2), 0xff, 0xc4) + scan + 2;
    const repeated = Array.from({ length: 100 }, () => file.subarray(scan, next));
    const many = new Uint8Array(
      await new Blob([file.subarray(0, scan), ...repeated, file.subarray(next)]).arrayBuffer(),
    );
    expect(await detailOf(many)).toBe("The picture cannot be read: it has more than 64 scans");
  });
});

it("refuses files of other kinds, and kinds of JPEG that it does not know", async () => {
  const { file } = pictureNamed("jpeg 4:2:0");
  const frame = indexOf(file, 0xff, 0xc0);
  expect(await detailOf(new TextEncoder().encode("GIF89a, and more"))).toMatch(/neither JPEG nor PNG nor WebP$/);
  expect(await detailOf(new Uint8Array(0))).toMatch(/neither JPEG nor PNG nor WebP$/);
  expect(await detailOf(changed(file, frame + 1, 0xc9))).toMatch(
    /this kind of JPEG \(arithmetic coding\) is not supported$/,
  );
  expect(await detailOf(changed(file, frame + 4, 12))).toMatch(/JPEG with 12 bits a sample is not supported$/);
});
