/** Largest source or list element that is read, in bytes of UTF-8. The API server stores objects of 1.5 MiB at most. */
export const MAX_SOURCE_BYTES = 1024 * 1024;

/** Most certificates, good and bad, that one source may hold. A cluster takes 10 (learn.microsoft.com/azure/aks/custom-certificate-authority). */
export const MAX_SOURCE_CERTIFICATES = 64;

/** Longest base64 of one certificate, with its line breaks. Certificates in use have some 2 KiB, odd ones 10 KiB. */
export const MAX_BODY_LENGTH = 128 * 1024;

/** True for a text above the limit; takes constant time for texts that are far too long. */
export function isTooLarge(text: string): boolean {
  if (text.length > MAX_SOURCE_BYTES) return true;
  return text.length * 3 > MAX_SOURCE_BYTES && Buffer.byteLength(text) > MAX_SOURCE_BYTES;
}
