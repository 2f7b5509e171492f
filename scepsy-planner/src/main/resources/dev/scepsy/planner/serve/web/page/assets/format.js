// @ts-check
// Numbers and times as people read them. Pure: no document, no clock. What is not known is "–", never 0.

export const UNKNOWN = '–';

/** @param {unknown} value */
export function isKnown(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Three significant digits, without an exponent. @param {number} value */
function three(value) {
  const size = Math.abs(value);
  if (size === 0) {
    return '0';
  }
  if (size >= 100) {
    return grouped(Math.round(value));
  }
  if (size < 0.0005) {
    return value < 0 ? '> −0.001' : '< 0.001';
  }
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toFixed(digits).replace('-', '−');
}

/** @param {number} value an integer */
function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f').replace('-', '−');
}

/** Seconds without the unit, for columns that carry it in their header. @param {number | null | undefined} value */
export function seconds(value) {
  return isKnown(value) ? three(/** @type {number} */ (value)) : UNKNOWN;
}

/** With the unit that fits: 340 ms, 4.21 s, 3 min 20 s, 2 h 5 min. @param {number | null | undefined} value in seconds */
export function duration(value) {
  if (!isKnown(value)) {
    return UNKNOWN;
  }
  const size = Math.abs(/** @type {number} */ (value));
  const sign = /** @type {number} */ (value) < 0 ? '−' : '';
  if (size === 0) {
    return '0 s';
  }
  if (size < 1) {
    const millis = size * 1000;
    return `${sign}${millis < 1 ? '< 1' : millis < 10 ? millis.toFixed(1) : Math.round(millis)} ms`;
  }
  if (size < 99.95) {
    return `${sign}${three(size)} s`;
  }
  const whole = Math.round(size);
  const parts = whole < 3_600
    ? [Math.floor(whole / 60), 'min', whole % 60, 's']
    : whole < 172_800
      ? [Math.floor(whole / 3_600), 'h', Math.floor(whole % 3_600 / 60), 'min']
      : [Math.floor(whole / 86_400), 'd', Math.floor(whole % 86_400 / 3_600), 'h'];
  return `${sign}${parts[0]} ${parts[1]}${parts[2] ? ` ${parts[2]} ${parts[3]}` : ''}`;
}

/** Per second, without the unit. @param {number | null | undefined} value */
export function rate(value) {
  return isKnown(value) ? three(/** @type {number} */ (value)) : UNKNOWN;
}

/** @param {number | null | undefined} value a part of 1 */
export function percent(value) {
  if (!isKnown(value)) {
    return UNKNOWN;
  }
  const hundred = /** @type {number} */ (value) * 100;
  const size = Math.abs(hundred);
  if (size === 0) {
    return '0 %';
  }
  if (size < 0.05) {
    return hundred < 0 ? '> −0.1 %' : '< 0.1 %';
  }
  return `${(size >= 10 ? String(Math.round(hundred)) : hundred.toFixed(1)).replace('-', '−')} %`;
}

/** @param {number | null | undefined} value */
export function count(value) {
  return isKnown(value) ? grouped(Math.round(/** @type {number} */ (value))) : UNKNOWN;
}

/** Such as `1 move`, `3 moves`. @param {number | null | undefined} value @param {string} one @param {string} [many] */
export function counted(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** At most three significant digits, for whatever has no unit of its own. @param {number | null | undefined} value */
export function number(value) {
  return isKnown(value) ? trimmed(three(/** @type {number} */ (value))) : UNKNOWN;
}

/** @param {string} text */
function trimmed(text) {
  return text.includes('.') && !text.startsWith('<') ? text.replace(/\.?0+$/, '') : text;
}

/** @param {number | null | undefined} value in GiB */
export function gibibytes(value) {
  return number(value);
}

/**
 * Local time of day, with the date where it is not that of `beside`.
 *
 * @param {string | null | undefined} iso
 * @param {string | null} [beside] another time that is shown already
 */
export function time(iso, beside = null) {
  const at = moment(iso);
  if (!at) {
    return UNKNOWN;
  }
  const day = dayOf(at);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const other = moment(beside);
  return other && dayOf(other) === day ? clock : `${day} ${clock}`;
}

/** Hours and minutes, for axes. @param {number} epochSeconds */
export function clock(epochSeconds) {
  const at = new Date(epochSeconds * 1000);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Seconds from one to the other; NaN where one of them is not known. */
export function secondsBetween(from, to) {
  const a = moment(from);
  const b = moment(to);
  return a && b ? (b.getTime() - a.getTime()) / 1000 : NaN;
}

/** @param {string | null | undefined} iso @returns {Date | null} */
function moment(iso) {
  const at = iso ? new Date(iso) : null;
  return at && !Number.isNaN(at.getTime()) ? at : null;
}

/** @param {Date} at */
function dayOf(at) {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, '0');
}

// C0 and C1 controls, what turns the direction of text, what takes no room, and halves of surrogate pairs: shown, never obeyed
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udfff]/g;
// marks that pile up on one letter would cover the lines above and below
const PILED = /(\p{M}{4})\p{M}+/gu;
const LONGEST_SHOWN = 60;
const LONGEST_TITLE = 300;
const HALF = 28;

/** Controls as visible escapes, such as `\u202e`. @param {string} text */
export function visible(text) {
  return text.replace(PILED, '$1…').replace(UNSEEN, unit => [...Array(unit.length).keys()]
    .map(at => '\\u' + unit.charCodeAt(at).toString(16).padStart(4, '0'))
    .join(''));
}

/**
 * A name from outside, fit to be shown: controls visible, and cut in the middle where it is over 60 characters; `full` has at most 300.
 *
 * @param {unknown} text
 * @returns {{shown: string, full: string, cut: boolean}}
 */
export function shownName(text) {
  // cut before it is looked through: a name may have a megabyte
  const raw = text === null || text === undefined ? '' : String(text);
  const whole = raw.length <= LONGEST_TITLE * 2;
  const head = [...visible(whole ? raw : raw.slice(0, LONGEST_TITLE))];
  const full = whole && head.length <= LONGEST_TITLE ? head.join('') : head.slice(0, LONGEST_TITLE - 1).join('') + '…';
  if (whole && head.length <= LONGEST_SHOWN) {
    return {shown: head.length ? head.join('') : '(no name)', full, cut: false};
  }
  const tail = whole ? head : [...visible(raw.slice(-LONGEST_TITLE))];
  return {shown: head.slice(0, HALF).join('') + '…' + tail.slice(-HALF).join(''), full, cut: true};
}
