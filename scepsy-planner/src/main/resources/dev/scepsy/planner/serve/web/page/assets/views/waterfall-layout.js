// @ts-check
// An execution's spans as rows and bars. Pure.

/** Rows from which on what lies deep is folded at first. */
export const FOLDED_FROM_ROWS = 300;
const FOLDED_FROM_DEPTH = 2;

/**
 * @typedef {{spanId: string, parentSpanId?: string, name: string, kind: string, model?: string, agent?: string, tool?: string, startSeconds: number,
 *     durationSeconds: number, backoffSeconds?: number, inputTokens?: number, outputTokens?: number, error: boolean, onCriticalPath: boolean}} Span
 * @typedef {{span: Span, depth: number, children: number, descendants: number, below: boolean, pathBelow: boolean}} Row `below`: under a folded one
 */

/**
 * All spans, each behind its parent, siblings by their start. What has no parent here stands at the left. A span that is its own ancestor, which no trace
 * should have, stands at the left too.
 *
 * @param {Span[]} spans
 * @returns {Row[]}
 */
export function rowsOf(spans) {
  const byId = new Map(spans.map(span => [span.spanId, span]));
  /** @type {Map<string | null, Span[]>} */
  const children = new Map();
  for (const span of spans) {
    const parent = span.parentSpanId && byId.has(span.parentSpanId) && !isCircular(span, byId) ? span.parentSpanId : null;
    const list = children.get(parent);
    if (list) {
      list.push(span);
    } else {
      children.set(parent, [span]);
    }
  }
  children.forEach(list => list.sort((a, b) => a.startSeconds - b.startSeconds || (a.spanId < b.spanId ? -1 : 1)));
  /** @type {Row[]} */
  const rows = [];
  /** A stack and no recursion: chains may be a thousand long. @type {{span: Span, depth: number}[]} */
  const waiting = (children.get(null) ?? []).map(span => ({span, depth: 0})).reverse();
  while (waiting.length > 0) {
    const {span, depth} = /** @type {{span: Span, depth: number}} */ (waiting.pop());
    const own = children.get(span.spanId) ?? [];
    rows.push({span, depth, children: own.length, descendants: 0, below: false, pathBelow: false});
    for (let at = own.length - 1; at >= 0; at--) {
      waiting.push({span: own[at], depth: depth + 1});
    }
  }
  countBelow(rows);
  return rows;
}

/** @param {Span} span @param {Map<string, Span>} byId */
function isCircular(span, byId) {
  const seen = new Set();
  for (let at = /** @type {Span | undefined} */ (span); at; at = at.parentSpanId ? byId.get(at.parentSpanId) : undefined) {
    if (seen.has(at.spanId)) {
      return true;
    }
    seen.add(at.spanId);
  }
  return false;
}

/** @param {Row[]} rows */
function countBelow(rows) {
  /** @type {Row[]} */
  const above = [];
  for (const row of rows) {
    above.length = row.depth;
    for (const each of above) {
      each.descendants++;
      each.pathBelow ||= row.span.onCriticalPath;
    }
    above[row.depth] = row;
  }
}

/**
 * The rows that are seen when some are folded.
 *
 * @param {Row[]} rows
 * @param {Set<string>} folded span ids
 */
export function visibleRows(rows, folded) {
  /** @type {Row[]} */
  const seen = [];
  let foldedDepth = Infinity;
  for (const row of rows) {
    if (row.depth > foldedDepth) {
      continue;
    }
    foldedDepth = folded.has(row.span.spanId) ? row.depth : Infinity;
    seen.push(row);
  }
  return seen;
}

/** What is folded at first: what lies deep, where there are many rows. @param {Row[]} rows @returns {Set<string>} */
export function foldedAtFirst(rows) {
  return new Set(rows.length < FOLDED_FROM_ROWS
    ? []
    : rows.filter(row => row.children > 0 && row.depth >= FOLDED_FROM_DEPTH - 1).map(row => row.span.spanId));
}

/**
 * @typedef {{part: string, span: Span | null, startSeconds: number, durationSeconds: number}} Segment `part`: the model, or `other`
 */

/**
 * The critical path from start to end without gaps: the calls on it, each charged up to the start of the one after it, and `other` between. Back-off before
 * a retry is `other` too.
 *
 * @param {Span[]} spans
 * @param {number} totalSeconds of the execution
 * @returns {Segment[]}
 */
export function pathSegments(spans, totalSeconds) {
  const path = spans.filter(span => span.onCriticalPath)
    .sort((a, b) => b.startSeconds + b.durationSeconds - a.startSeconds - a.durationSeconds);
  /** @type {Segment[]} */
  const backwards = [];
  let cursor = totalSeconds;
  const other = from => {
    if (cursor - from > 1e-9) {
      backwards.push({part: 'other', span: null, startSeconds: from, durationSeconds: cursor - from});
    }
  };
  for (const span of path) {
    const start = Math.max(0, span.startSeconds + (span.backoffSeconds ?? 0));
    const end = Math.min(cursor, span.startSeconds + span.durationSeconds);
    if (end <= start) {
      continue;
    }
    other(end);
    backwards.push({part: span.model ?? 'other', span, startSeconds: start, durationSeconds: end - start});
    cursor = start;
  }
  other(0);
  return backwards.reverse();
}

/**
 * Round times for an axis, from 0 on.
 *
 * @param {number} totalSeconds
 * @param {number} most how many
 * @returns {number[]}
 */
export function ticks(totalSeconds, most) {
  if (!(totalSeconds > 0)) {
    return [0];
  }
  const least = totalSeconds / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(each => each >= least * (1 - 1e-9)) ?? 10 * power;
  const all = [];
  for (let at = 0; at * step <= totalSeconds * (1 + 1e-9); at++) {
    all.push(at * step);
  }
  return all;
}

/**
 * Where a bar lies, in percent of the axis; never narrower than can be seen. What outlives the execution ends with the axis.
 *
 * @param {number} startSeconds
 * @param {number} durationSeconds
 * @param {number} totalSeconds
 */
export function bar(startSeconds, durationSeconds, totalSeconds) {
  const total = totalSeconds > 0 ? totalSeconds : 1;
  const left = Math.min(Math.max(startSeconds / total, 0), 1) * 100;
  const right = Math.min(Math.max((startSeconds + durationSeconds) / total, 0), 1) * 100;
  return {left: `${left.toFixed(3)}%`, width: `max(2px, ${Math.max(0, right - left).toFixed(3)}%)`};
}
