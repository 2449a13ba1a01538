/** The UTF-8 bytes of a text in normalization form C, one character per byte (RFC 7616 4). */
export function utf8ByteString(text: string): string {
  // Most credentials are ASCII, where both steps change nothing.
  if (!NON_ASCII.test(text)) return text;
  let bytes = '';
  for (const byte of new TextEncoder().encode(text.normalize('NFC'))) bytes += String.fromCharCode(byte);
  return bytes;
}

const NON_ASCII = /[\u0080-\uffff]/;
