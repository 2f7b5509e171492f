// @ts-check
// What a chart draws, from what is shown. Pure.

/**
 * Bands on top of each other: the upper edge of each, from the lowest on. What is not known counts as 0, for a band must end somewhere.
 *
 * @param {(number | null | undefined)[][]} parts one list per band, all of one length
 * @returns {number[][]}
 */
export function stacked(parts) {
  /** @type {number[][]} */
  const edges = [];
  parts.forEach((values, at) => {
    const below = at === 0 ? null : edges[at - 1];
    edges.push(values.map((value, index) => (below ? below[index] : 0) + (value ?? 0)));
  });
  return edges;
}

/**
 * The columns that uPlot wants for bands on top of each other: x, then the upper edges.
 *
 * @param {number[]} x
 * @param {{values: (number | null | undefined)[]}[]} series the lowest first
 */
export function stackColumns(x, series) {
  return [x, ...stacked(series.map(each => each.values))];
}

/**
 * The columns for lines with bands: x, then value, lower and upper edge of each.
 *
 * @param {number[]} x
 * @param {{values: (number | null | undefined)[], low?: (number | null | undefined)[], high?: (number | null | undefined)[]}[]} series
 */
export function lineColumns(x, series) {
  const none = x.map(() => null);
  return [x, ...series.flatMap(each => [nulls(each.values), nulls(each.low ?? none), nulls(each.high ?? none)])];
}

/** @param {(number | null | undefined)[]} values */
function nulls(values) {
  return values.map(value => value ?? null);
}

/**
 * Where a band is thickest, for its letter; -1 where it has no thickness.
 *
 * @param {number[]} upper
 * @param {number[] | null} lower null: the axis
 */
export function thickest(upper, lower) {
  let best = -1;
  let most = 0;
  upper.forEach((value, at) => {
    const size = value - (lower ? lower[at] : 0);
    if (size > most) {
      most = size;
      best = at;
    }
  });
  return best;
}

/**
 * Labels above vertical lines, those of lines that stand close together as one.
 *
 * @param {{x: number, letter: string, token: string}[]} marks `x` in pixels
 * @param {number} least pixels between two labels
 * @returns {{x: number, text: string, token: string | null}[]} `token` null: of several kinds
 */
export function markLabels(marks, least) {
  /** @type {{x: number, text: string, token: string | null}[]} */
  const labels = [];
  let last = -Infinity;
  for (const mark of [...marks].sort((a, b) => a.x - b.x)) {
    const near = labels[labels.length - 1];
    if (near && mark.x - last < least) {
      near.text += ` ${mark.letter}`;
      near.token = near.token === mark.token ? near.token : null;
    } else {
      labels.push({x: mark.x, text: mark.letter, token: mark.token});
    }
    last = mark.x;
  }
  return labels;
}

/**
 * At most `most` of the rows, evenly spread, the first and the last among them: for tables beside charts.
 *
 * @template T
 * @param {T[]} rows
 * @param {number} most
 * @returns {T[]}
 */
export function thinned(rows, most) {
  if (rows.length <= most) {
    return rows;
  }
  const step = (rows.length - 1) / (most - 1);
  return Array.from({length: most}, (_none, at) => rows[Math.round(at * step)]);
}
