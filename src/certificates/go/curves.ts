/** A curve of FIPS 186 over a prime field: y² = x³ - 3x + b. */
interface Curve {
  /** Bytes of one coordinate. */
  readonly bytes: number;
  readonly p: bigint;
  readonly b: bigint;
}

const CURVES: ReadonlyMap<string, Curve> = new Map([
  // 1.3.132.0.33
  [
    '2b81040021',
    { bytes: 28, p: 2n ** 224n - 2n ** 96n + 1n, b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n },
  ],
  [
    '2a8648ce3d030107', // 1.2.840.10045.3.1.7
    {
      bytes: 32,
      p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
      b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    },
  ],
  [
    '2b81040022', // 1.3.132.0.34
    {
      bytes: 48,
      p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
      b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    },
  ],
  [
    '2b81040023', // 1.3.132.0.35
    {
      bytes: 66,
      p: 2n ** 521n - 1n,
      b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    },
  ],
]);

/** By the object identifier's content in hexadecimal; nothing for curves that Go does not know. */
export function curveOfObjectIdentifier(oid: string): Curve | undefined {
  return CURVES.get(oid);
}

/** True for an uncompressed point of the curve (SEC 1, section 2.3.3). */
export function isOnCurve(point: Buffer, { bytes, p, b }: Curve): boolean {
  if (point[0] !== 4 || point.length !== 1 + 2 * bytes) return false;
  const x = BigInt(`0x${point.toString('hex', 1, 1 + bytes)}`);
  const y = BigInt(`0x${point.toString('hex', 1 + bytes)}`);
  return x < p && y < p && (y * y - (x * x * x - 3n * x + b)) % p === 0n;
}
