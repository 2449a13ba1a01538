/** The bytes of an IP address: four for IPv4 (IPv4-mapped IPv6 included), sixteen for IPv6. */
export type IpBytes = readonly number[];

/**
 * Reads an IP address as `URL.hostname` spells it, brackets or not.
 *
 * The URL parser does the canonical spelling, so `0:0::1`, `::1` and `::0001` are one address. An
 * IPv4-mapped address (RFC 4291 2.5.5.2) becomes the IPv4 address it stands for. A zone (`%eth0`) is no
 * address here: it names an interface of this machine, and matching it would let `[::1%25.example.com]`
 * pass for something it is not (CVE-2025-22870).
 */
export function parseIpAddress(text: string): IpBytes | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return bare.includes(':') ? parseIpv6(bare) : parseIpv4(bare);
}

/** Whether the first `bits` bits of two addresses are the same; addresses of two families never are. */
export function sharesPrefix(a: IpBytes, b: IpBytes, bits: number): boolean {
  if (a.length !== b.length) return false;
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) {
    if (a[index] !== b[index]) return false;
  }
  const rest = bits & 7;
  if (rest === 0) return true;
  const mask = 0xff & (0xff << (8 - rest));
  return (((a[whole] ?? 0) ^ (b[whole] ?? 0)) & mask) === 0;
}

const DOTTED_QUAD = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function parseIpv4(text: string): IpBytes | undefined {
  const match = DOTTED_QUAD.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1);
  // A leading zero means octal to some parsers and decimal to others: refuse to guess.
  if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return undefined;
  return parts.map(Number);
}

// The longest spelling of an IPv6 address: longer text is refused before it costs anything.
const LONGEST_IPV6 = 45;

function parseIpv6(text: string): IpBytes | undefined {
  if (text.length > LONGEST_IPV6 || !/^[\da-f:.]+$/i.test(text)) return undefined;
  const url = `http://[${text}]`;
  if (!URL.canParse(url)) return undefined;
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::');
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  const bytes = all.flatMap((group) => [group >> 8, group & 0xff]);
  const mapped = all.slice(0, 5).every((group) => group === 0) && all[5] === 0xffff;
  return mapped ? bytes.slice(12) : bytes;
}

const groups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
