// A fast digest of 32 bits, for spreading and never for security: FNV-1a (Fowler, Noll & Vo), finished as MurmurHash3 does.

/** Equal bytes give equal numbers, anywhere; a changed bit changes half of theirs. Unsigned. */
export function hash32(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
