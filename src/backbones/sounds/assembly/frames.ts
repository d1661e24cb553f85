// Reads frames of a sound in the encodings of WAV, as means over the channels: float32, where 1 is full scale.

const BYTE = 0, SHORT = 1, THREE_BYTES = 2, INTEGER = 3, FLOAT = 4, DOUBLE = 5, A_LAW = 6; // otherwise µ-law
/** The largest number of a float encoding: 24 dB above full scale. */
const MOST_FLOAT: f64 = 16;

/** out [frames] = the means of `channels` samples each. Returns how many samples are not numbers from −16 to 16. */
export function readFrames(at: usize, encoding: i32, channels: i32, frames: i32, out: usize): i32 {
  if (encoding == SHORT) return read(at, SHORT, channels, frames, out);
  if (encoding == BYTE) return read(at, BYTE, channels, frames, out);
  if (encoding == THREE_BYTES) return read(at, THREE_BYTES, channels, frames, out);
  if (encoding == INTEGER) return read(at, INTEGER, channels, frames, out);
  if (encoding == FLOAT) return read(at, FLOAT, channels, frames, out);
  if (encoding == DOUBLE) return read(at, DOUBLE, channels, frames, out);
  return encoding == A_LAW ? read(at, A_LAW, channels, frames, out) : read(at, encoding, channels, frames, out);
}

// @ts-ignore: decorator
@inline
function read(at: usize, encoding: i32, channels: i32, frames: i32, out: usize): i32 {
  const step = bytesOf(encoding), count = <f64>channels * fullScale(encoding);
  let wrong = 0;
  for (const end = out + (<usize>frames << 2); out < end; out += 4) {
    let sum: f64 = 0;
    for (let channel = 0; channel < channels; channel++, at += step) {
      const sample = sampleAt(at, encoding);
      if ((encoding == FLOAT || encoding == DOUBLE) && !(abs(sample) <= MOST_FLOAT)) wrong++;
      sum += sample;
    }
    f32.store(out, <f32>(sum / count));
  }
  return wrong;
}

// @ts-ignore: decorator
@inline
function bytesOf(encoding: i32): usize {
  if (encoding == SHORT) return 2;
  if (encoding == THREE_BYTES) return 3;
  if (encoding == INTEGER || encoding == FLOAT) return 4;
  return encoding == DOUBLE ? 8 : 1;
}

// @ts-ignore: decorator
@inline
function fullScale(encoding: i32): f64 {
  if (encoding == FLOAT || encoding == DOUBLE) return 1;
  if (encoding == BYTE) return 128;
  if (encoding == THREE_BYTES) return 8388608;
  return encoding == INTEGER ? 2147483648.0 : 32768;
}

// @ts-ignore: decorator
@inline
function sampleAt(at: usize, encoding: i32): f64 {
  if (encoding == SHORT) return <f64>load<i16>(at);
  if (encoding == BYTE) return <f64>(<i32>load<u8>(at) - 128);
  if (encoding == THREE_BYTES) return <f64>((<i32>load<i8>(at, 2) << 16) | <i32>load<u16>(at));
  if (encoding == INTEGER) return <f64>load<i32>(at);
  if (encoding == FLOAT) return <f64>load<f32>(at);
  if (encoding == DOUBLE) return load<f64>(at);
  return <f64>(encoding == A_LAW ? aLaw(load<u8>(at)) : muLaw(load<u8>(at)));
}

/** ITU-T G.711, as 16-bit numbers: a sign, an exponent of three bits and four bits of the mantissa. */
function aLaw(code: i32): i32 {
  code ^= 0x55;
  const exponent = (code >> 4) & 7;
  const step = ((code & 15) << 4) + 8;
  const size = exponent == 0 ? step : (step + 0x100) << (exponent - 1);
  return (code & 0x80) == 0 ? -size : size;
}

function muLaw(code: i32): i32 {
  code = ~code;
  const size = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return (code & 0x80) == 0 ? size : -size;
}
