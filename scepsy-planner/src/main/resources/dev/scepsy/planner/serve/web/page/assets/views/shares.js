// @ts-check
import {html, render, nothing} from '../lib/lit-html/lit-html.js';
import {createChart} from '../chart.js';
import {thinned} from '../chart-data.js';
import {look, token} from '../colors.js';
import {percent, count, counted, shownName, time as timeText} from '../format.js';
import {model, name, sentence, shown, table, time, empty} from '../ui.js';
import {createReading} from '../reading.js';
import {FURTHER, OTHER, curves, marks} from './overview-model.js';

/** Rows of the table beside a chart. */
export const MOST_TABLE_ROWS = 25;

/** @param {string} part a model, or what stands for none */
export function partClass(part) {
  return part === OTHER ? 'other' : part === FURTHER ? 'm7' : look(part).className;
}

/** @param {string} part */
export function partLabel(part) {
  return part === OTHER || part === FURTHER
    ? html`<span class="model"><span class="swatch ${partClass(part)}" aria-hidden="true">${part === OTHER ? 'o' : '+'}</span>${part}</span>`
    : model(part);
}

/**
 * One workflow's shares over its executions: path time by model, and each model's execution share with its 95 % band.
 *
 * @param {any} context
 * @param {string} workflow
 */
export function openShares(context, workflow) {
  const reading = createReading({api: context.api, redraw: read}, `api/v1/shares?workflow=${encodeURIComponent(workflow)}`, modelOf);
  const asTable = {path: false, shares: false};
  const percentAxis = value => `${Math.round(value * 100)} %`;
  const path = chartOf('stack', 'Path time by model', 1);
  const share = chartOf('lines', 'Execution share by model with 95 % bands', 1);

  function modelOf(answer) {
    const drawnCurves = curves(answer);
    const drawnMarks = marks(answer);
    const chartMarks = drawnMarks.map(each => ({at: each.at, letter: each.letter, token: each.kind === 'drift' ? '--bad' : '--good'}));
    path.chart.set({
      x: drawnCurves.x,
      series: drawnCurves.path.map(each => ({
        key: each.model,
        token: each.model === OTHER ? '--other' : each.model === FURTHER ? '--model-7' : token(each.model),
        letter: each.model === OTHER ? 'o' : each.model === FURTHER ? '+' : look(each.model).letter,
        values: each.values,
      })),
      marks: chartMarks,
    });
    share.chart.set({
      x: drawnCurves.x,
      series: drawnCurves.shares.map((each, at) => ({
        key: each.model,
        token: token(each.model),
        // the ninth model has the first one's colour
        dash: look(each.model).place > 7 ? [6, 3] : undefined,
        values: each.values,
        low: each.low,
        high: each.high,
      })),
      marks: chartMarks,
    });
    return {answer, curves: drawnCurves, marks: drawnMarks};
  }

  function read() {
    drawLegends();
    context.redraw();
  }

  function chartOf(kind, label, yMax) {
    const own = {
      legend: document.createElement('div'),
      /** @type {number | null} */
      at: null,
      chart: createChart({
        kind,
        label: `${label}. The table below it says the same.`,
        height: 220,
        yMax,
        xFormat: count,
        yFormat: percentAxis,
        cursor(index) {
          if (index !== own.at) {
            own.at = index;
            drawLegends();
          }
        },
      }),
    };
    return own;
  }

  /** Legends follow the pointer: they alone are drawn then, and not the view. */
  function drawLegends() {
    const data = reading.data;
    if (!data || data.curves.x.length === 0) {
      return;
    }
    const last = data.curves.x.length - 1;
    const at = own => own.at ?? last;
    const head = own => html`<span class="muted">after ${count(data.curves.x[at(own)])} executions, ${timeText(data.curves.ends[at(own)])}</span>`;
    render(html`<ul class="legend"><li>${head(path)}</li>${data.curves.path.map(
      each => html`<li>${partLabel(each.model)} <b>${percent(each.values[at(path)])}</b></li>`)}</ul>`, path.legend);
    render(html`<ul class="legend"><li>${head(share)}</li>${data.curves.shares.map(
      each => html`<li>${model(each.model)} <b>${percent(each.values[at(share)])}</b>${band(each, at(share))}</li>`)}</ul>`, share.legend);
  }

  function band(series, at) {
    return series.low[at] === null || series.high[at] === null
      ? nothing
      : html` <span class="muted">(${percent(series.low[at])} to ${percent(series.high[at])})</span>`;
  }

  function figure(own, key, caption, rows) {
    return html`<figure>
      <figcaption><h3>${caption}</h3></figcaption>
      ${own.chart.element}${own.legend}
      <details ?open=${asTable[key]} @toggle=${event => {
        asTable[key] = event.target.open;
        context.redraw();
      }}><summary>As a table</summary>${asTable[key] ? rows() : nothing}</details>
    </figure>`;
  }

  function tableOf(data, caption, series, cell) {
    const points = thinned(data.curves.x.map((_x, at) => at), MOST_TABLE_ROWS);
    return table({
      caption,
      columns: [
        {label: 'Executions', number: true, head: true, cell: at => count(data.curves.x[at])},
        {label: 'Ended', cell: at => time(data.curves.ends[at])},
        ...series.map(each => ({label: shownName(each.model).shown, number: true, cell: at => cell(each, at)})),
      ],
      rows: points,
      key: at => data.curves.x[at],
    });
  }

  function body(data) {
    if (data.curves.x.length === 0) {
      return empty('No execution of it has ended yet.');
    }
    return html`
      <ul class="marks">${data.answer.stableSince === null || data.answer.stableSince === undefined
        ? html`<li class="muted">Shares are not stable yet: the bands of the last executions are too wide.</li>`
        : nothing}${data.marks.map(mark => html`<li><span class="tag ${mark.kind === 'drift' ? 'bad' : 'good'}">${mark.letter}</span>
          ${mark.time ? html`${time(mark.time)}: ` : nothing}${sentence(mark.sentence)}</li>`)}</ul>
      <div class="columns">
        ${figure(path, 'path', 'Path time by model', () => tableOf(data, 'Path time by model and other, after so many executions', data.curves.path,
          (each, at) => percent(each.values[at])))}
        ${figure(share, 'shares', 'Execution share by model, 95 % band', () => tableOf(data, 'Execution share by model with its 95 % band',
          data.curves.shares, (each, at) => html`${percent(each.values[at])}${band(each, at)}`))}
      </div>
      ${data.curves.leftOut > 0
        ? html`<p class="muted">${counted(data.curves.leftOut, 'model')} with the least time on the path: drawn as one, without a curve.</p>`
        : nothing}`;
  }

  reading.now();
  return {
    workflow,
    refresh: () => reading.refresh(),
    render: () => html`<section class="panel shares" aria-labelledby="shares-heading">
      <div class="panel-head"><h2 id="shares-heading">Shares of ${name(workflow)}</h2>
        <a href="#/executions?workflow=${encodeURIComponent(workflow)}">Its executions</a></div>
      ${shown(reading, 'shares', body)}
    </section>`,
    close() {
      reading.close();
      path.chart.close();
      share.chart.close();
    },
  };
}
