/** The message with the padding of MD5 and SHA-2: a one bit, zeros, and its length in bits at the end. */
export const paddedMessage = (bytes: Uint8Array, block: 64 | 128, littleEndian: boolean): DataView => {
  const message = new Uint8Array(Math.ceil((bytes.length + block / 8 + 1) / block) * block);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const view = new DataView(message.buffer);
  view.setUint32(message.length - (littleEndian ? 4 : 8), bytes.length / 2 ** 29, littleEndian);
  view.setUint32(message.length - (littleEndian ? 8 : 4), bytes.length << 3, littleEndian);
  return view;
};

/** Words of 32 bits in hexadecimal. */
export const hexOf = (words: Int32Array, littleEndian: boolean): string => {
  const bytes = new DataView(new ArrayBuffer(words.byteLength));
  words.forEach((value, index) => {
    bytes.setInt32(4 * index, value, littleEndian);
  });
  return Array.from(new Uint8Array(bytes.buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** An entry of a table that is known to be long enough. */
export const word = (table: Int32Array, index: number): number => table[index] as number;
