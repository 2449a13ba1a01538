const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

// Fixed widths and no nesting: linear on any input.
const FIXDATE =
  /^[a-z]{3,9}, (\d{1,2})[ -]([a-z]{3})[ -](\d{4}|\d\d) (\d\d):(\d\d):(\d\d) (?:gmt|utc|[+-]0000)$/i;
const ASCTIME = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/i;

/**
 * Reads an HTTP date in the three forms of RFC 9110 5.6.7: IMF-fixdate, RFC 850 and asctime. Milliseconds since the
 * epoch, or undefined when it is none of them or no day of the calendar.
 *
 * @param now milliseconds since the epoch, which places the two-digit years of RFC 850
 */
export const parseHttpDate = (text: string, now: number): number | undefined => {
  const fix = FIXDATE.exec(text);
  if (fix !== null) return instant(fix[3], fix[2], fix[1], [fix[4], fix[5], fix[6]], now);
  const asc = ASCTIME.exec(text);
  if (asc !== null) return instant(asc[6], asc[1], asc[2], [asc[3], asc[4], asc[5]], now);
  return undefined;
};

const instant = (
  year = '',
  month = '',
  day = '',
  time: readonly (string | undefined)[],
  now: number,
): number | undefined => {
  const at = MONTHS.indexOf(month.toLowerCase());
  const [hour, minute, second] = time.map(Number);
  if (at < 0 || at % 3 !== 0 || hour === undefined || minute === undefined || second === undefined)
    return undefined;
  // 60 is a leap second (RFC 9110 5.6.7), which runs over into the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(
    year.length === 2 ? fullYear(Number(year), now) : Number(year),
    at / 3,
    Number(day),
  );
  if (midnight.getUTCDate() !== Number(day)) return undefined;
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
};

// RFC 9110 5.6.7: what seems more than 50 years ahead is the latest past year with the same two digits.
const fullYear = (digits: number, now: number): number => {
  const current = new Date(now).getUTCFullYear();
  const year = current - (current % 100) + digits;
  return year > current + 50 ? year - 100 : year;
};
