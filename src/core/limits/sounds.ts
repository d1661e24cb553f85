// Limits of reading sounds, with unit and reason. `LIMITS` includes them.

export const SOUND_LIMITS = {
  /** Seconds of a sound: 124 windows of YAMNet. Longer recordings should be cut by the caller, who knows which part matters. */
  soundSeconds: 60,
  /** Samples a second: telephony has 8,000, and studios record up to 192,000. Filters get longer as the rate grows. */
  leastSamplesPerSecond: 8_000,
  mostSamplesPerSecond: 192_000,
  /** Channels, which are averaged: recorders of surround sound and arrays of microphones have up to 32. */
  soundChannels: 32,
  /** Parts of a WAV file (format, tags, cue points …) up to its samples: a file of empty parts has millions. */
  soundParts: 1_000,
} as const;
