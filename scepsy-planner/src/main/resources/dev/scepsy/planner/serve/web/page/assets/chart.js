// @ts-check
import uPlot from './lib/uplot/uPlot.esm.js';
import {stackColumns, lineColumns, markLabels, thickest} from './chart-data.js';
import {resolved} from './colors.js';

const LEAST_WIDTH = 200;
const BAND_ALPHA = 0.22;
const LETTER_HEIGHT = 15;
const LEAST_BETWEEN_LABELS = 24;

/** Charts that are shown: all are drawn anew when the theme changes. @type {Set<{restyle: () => void}>} */
const shown = new Set();

/** Colours of the style sheet are looked up once per theme. @type {Map<string, string>} */
const colours = new Map();

/** @param {string} variable @param {number} [alpha] */
function colour(variable, alpha = 1) {
  const key = `${variable}/${alpha}`;
  let value = colours.get(key);
  if (value === undefined) {
    value = resolved(variable, alpha);
    colours.set(key, value);
  }
  return value;
}

/** The theme is another one now. */
export function restyleCharts() {
  colours.clear();
  shown.forEach(chart => chart.restyle());
}

/**
 * One series of a chart.
 *
 * @typedef {{key: string, token: string, letter?: string, values: (number | null)[], low?: (number | null)[], high?: (number | null)[],
 *     dash?: number[]}} Series `token`: a colour of the style sheet; `low`, `high`: edges of a band about a line
 * @typedef {{at: number, letter: string, token?: string}} Mark a vertical line at an x, with a letter above
 */

/**
 * A chart that stays while its data changes. Its element belongs into a template as it is; a table beside it says the same to those who do not see it.
 *
 * @param {{kind: 'lines' | 'stack', height?: number, label: string, xFormat: (x: number) => string, yFormat: (y: number) => string,
 *     yMax?: number, time?: boolean, cursor?: (index: number | null) => void}} spec `yMax`: the axis ends there; `cursor`: the pointer is over a point
 */
export function createChart(spec) {
  const element = document.createElement('div');
  element.className = 'chart';
  element.setAttribute('role', 'img');
  element.setAttribute('aria-label', spec.label);
  const height = spec.height ?? 200;
  element.style.height = `${height}px`;
  /** @type {any} */
  let plot = null;
  let made = '';
  /** @type {any[]} */
  let data = [[]];
  /** @type {Series[]} */
  let series = [];
  /** @type {Mark[]} */
  let marks = [];
  let closed = false;

  function options(width) {
    const stack = spec.kind === 'stack';
    const line = each => ({
      stroke: () => colour(each.token),
      width: stack ? 1 : 2,
      dash: each.dash,
      points: {show: data[0].length === 1},
      spanGaps: false,
    });
    const edge = () => ({stroke: 'transparent', width: 0, points: {show: false}});
    const axis = {
      stroke: () => colour('--muted'),
      grid: {stroke: () => colour('--line'), width: 1},
      ticks: {stroke: () => colour('--line'), width: 1, size: 4},
      font: '12px system-ui, sans-serif',
    };
    return {
      width,
      height,
      padding: [14, 10, 0, 0],
      legend: {show: false},
      cursor: {points: {show: false}, drag: {x: false, y: false}, y: false},
      scales: {
        x: {time: false},
        y: {range: (_plot, _least, most) => [0, spec.yMax ?? Math.max(most * 1.08, 1e-9)]},
      },
      axes: [
        {...axis, size: 28, space: 70, values: (_plot, at) => at.map(spec.xFormat)},
        {...axis, size: 52, space: 34, values: (_plot, at) => at.map(spec.yFormat)},
      ],
      series: [
        {},
        ...series.flatMap(each => stack
          ? [{...line(each), fill: each === series[0] ? () => colour(each.token) : undefined}]
          : [line(each), edge(), edge()]),
      ],
      bands: stack
        ? series.slice(1).map((each, at) => ({series: [at + 2, at + 1], fill: () => colour(each.token)}))
        : series.map((each, at) => ({series: [at * 3 + 3, at * 3 + 2], fill: () => colour(each.token, BAND_ALPHA)})),
      hooks: {
        draw: [drawLetters, drawMarks],
        setCursor: [u => spec.cursor?.(u.cursor.idx ?? null)],
      },
    };
  }

  /** Each band says its letter where it is thickest, for those who cannot tell its colour. */
  function drawLetters(u) {
    if (spec.kind !== 'stack') {
      return;
    }
    const context = u.ctx;
    const pixels = devicePixelRatio;
    context.save();
    context.font = `600 ${11 * pixels}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    series.forEach((each, at) => {
      const upper = data[at + 1];
      const lower = at === 0 ? null : data[at];
      const place = thickest(upper, lower);
      if (!each.letter || place < 0) {
        return;
      }
      const top = u.valToPos(upper[place], 'y', true);
      const bottom = u.valToPos(lower ? lower[place] : 0, 'y', true);
      if (bottom - top < LETTER_HEIGHT * pixels) {
        return;
      }
      const inset = 9 * pixels;
      const x = Math.min(Math.max(u.valToPos(data[0][place], 'x', true), u.bbox.left + inset), u.bbox.left + u.bbox.width - inset);
      context.fillStyle = colour(each.token === '--other' ? '--text' : '--on-model');
      context.fillText(each.letter, x, (top + bottom) / 2);
    });
    context.restore();
  }

  function drawMarks(u) {
    const context = u.ctx;
    const pixels = devicePixelRatio;
    context.save();
    context.font = `600 ${11 * pixels}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'bottom';
    const seen = marks
      .map(mark => ({x: u.valToPos(mark.at, 'x', true), letter: mark.letter, token: mark.token ?? '--text'}))
      .filter(mark => mark.x >= u.bbox.left - 1 && mark.x <= u.bbox.left + u.bbox.width + 1);
    for (const mark of seen) {
      context.beginPath();
      context.moveTo(mark.x, u.bbox.top);
      context.lineTo(mark.x, u.bbox.top + u.bbox.height);
      // on a ground of its own, for it crosses bands of all colours
      context.strokeStyle = colour('--panel');
      context.lineWidth = 4 * pixels;
      context.setLineDash([]);
      context.stroke();
      context.strokeStyle = colour(mark.token);
      context.lineWidth = 1.5 * pixels;
      context.setLineDash([4 * pixels, 3 * pixels]);
      context.stroke();
    }
    for (const label of markLabels(seen, LEAST_BETWEEN_LABELS * pixels)) {
      context.fillStyle = colour(label.token ?? '--text');
      context.fillText(label.text, label.x, u.bbox.top - pixels);
    }
    context.restore();
  }

  function draw() {
    const width = Math.floor(element.clientWidth);
    if (closed || width < 1 || data[0].length === 0) {
      return;
    }
    const shape = JSON.stringify(series.map(each => [each.key, each.token, each.dash, data[0].length === 1]));
    if (plot && shape === made) {
      plot.setData(data);
      return;
    }
    plot?.destroy();
    made = shape;
    plot = new uPlot(options(Math.max(width, LEAST_WIDTH)), data, element);
  }

  const sized = new ResizeObserver(() => {
    const width = Math.max(Math.floor(element.clientWidth), LEAST_WIDTH);
    if (!plot) {
      draw();
    } else if (plot.width !== width) {
      plot.setSize({width, height});
    }
  });
  sized.observe(element);
  const self = {restyle: () => plot?.redraw(false)};
  shown.add(self);

  return {
    element,
    /** @param {{x: number[], series: Series[], marks?: Mark[]}} next series of a stack: the lowest first */
    set(next) {
      series = next.series;
      marks = next.marks ?? [];
      data = spec.kind === 'stack' ? stackColumns(next.x, series) : lineColumns(next.x, series);
      draw();
    },
    close() {
      closed = true;
      shown.delete(self);
      sized.disconnect();
      plot?.destroy();
    },
  };
}
