// @ts-check
// The controls of what if: a slider and a number for each thing that may be otherwise.
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {live} from '../lib/lit-html/directives/live.js';
import {number, shownName} from '../format.js';
import {model, name} from '../ui.js';
import {LARGEST_RATE, MOST_GPUS} from './whatif-body.js';

/** More rows are found by their name. */
const MOST_ROWS = 10;
/** Sliders of factors go from 1/4 to 4; the numbers beside them further. */
const FACTOR_STEPS = 2;
const FACTOR_MOST = 1000;

/**
 * @typedef {object} Given
 * @property {import('./whatif-body.js').Changes} changes
 * @property {{workflow: string, target: ?number, limit: ?number, latency: ?number}[]} workflows as they are now
 * @property {any[]} nodes of /api/v1/cluster
 * @property {string[]} models that are self-hosted
 * @property {Record<string, string>} filters by section
 * @property {string[]} closed sections that are closed at first
 */

/**
 * @param {Given} given
 * @param {() => void} changed after `given.changes` or `given.filters` was changed
 * @param {() => void} filtered
 */
export function controls(given, changed, filtered) {
  const {changes} = given;
  const setIn = (map, key, value, now) => {
    if (value === null || value === now) {
      map.delete(key);
    } else {
      map.set(key, value);
    }
    changed();
  };
  return html`
    <div class="control-first">
      ${factor('All rates', 'rates of all workflows, factor', changes.allRates, value => {
        changes.allRates = value ?? 1;
        changed();
      })}
    </div>
    ${section(given, filtered, 'rates', 'Rate by workflow', given.workflows, row => row.workflow, row => {
      const now = row.target ?? 0;
      const value = changes.targets.get(row.workflow) ?? now * changes.allRates;
      return control({
        label: name(row.workflow),
        spoken: `Rate of ${shownName(row.workflow).shown}`,
        unit: '1/s',
        now: row.target === null ? 'not known' : number(now),
        value,
        isChanged: changes.targets.has(row.workflow),
        slider: {min: 0, max: now > 0 ? now * 4 : 4, step: now > 0 ? now / 20 : 0.05},
        least: 0,
        most: LARGEST_RATE,
        set: given => setIn(changes.targets, row.workflow, given, null),
      });
    })}
    ${section(given, filtered, 'limits', 'Latency limit by workflow', given.workflows, row => row.workflow, row => {
      const base = row.limit ?? row.latency ?? 10;
      return control({
        label: name(row.workflow),
        spoken: `Latency limit of ${shownName(row.workflow).shown}`,
        unit: 's',
        now: row.limit === null ? 'none known' : number(row.limit),
        value: changes.limits.get(row.workflow) ?? row.limit,
        isChanged: changes.limits.has(row.workflow),
        slider: {min: base / 10, max: base * 3, step: base / 20},
        least: 0.001,
        most: 1e9,
        set: given => setIn(changes.limits, row.workflow, given, row.limit),
      });
    })}
    ${section(given, filtered, 'gpus', 'GPUs by node', given.nodes, node => node.name, node => control({
      label: name(node.name),
      spoken: `GPUs of ${shownName(node.name).shown}`,
      unit: '',
      now: String(node.gpus),
      value: changes.gpus.get(node.name) ?? node.gpus,
      isChanged: changes.gpus.has(node.name),
      slider: {min: 0, max: Math.max(8, node.gpus * 2), step: 1},
      least: 0,
      most: MOST_GPUS,
      whole: true,
      set: given => setIn(changes.gpus, node.name, given, node.gpus),
    }))}
    ${section(given, filtered, 'models', 'Models', given.models, each => each, each => html`
      <div class="control-model">
        <label class="check"><input type="checkbox" .checked=${live(changes.without.has(each))} @change=${event => {
          if (event.target.checked) {
            changes.without.add(each);
          } else {
            changes.without.delete(each);
          }
          changed();
        }}> <span class="unseen">${name(each)} </span>not self-hosted</label>
        ${factor(model(each), `speed of ${shownName(each).shown}, factor`, changes.faster.get(each) ?? 1,
          value => setIn(changes.faster, each, value, 1), changes.without.has(each))}
      </div>`)}`;
}

/**
 * @template R
 * @param {Given} given @param {() => void} filtered @param {string} key @param {string} heading @param {R[]} rows
 * @param {(row: R) => string} nameOf @param {(row: R) => unknown} draw
 */
function section(given, filtered, key, heading, rows, nameOf, draw) {
  if (rows.length === 0) {
    return nothing;
  }
  const filter = (given.filters[key] ?? '').toLowerCase();
  const matching = filter === '' ? rows : rows.filter(row => nameOf(row).toLowerCase().includes(filter));
  const some = matching.slice(0, MOST_ROWS);
  return html`<details class="controls" ?open=${!(given.closed ?? []).includes(key)}><summary>${heading}</summary>
    ${rows.length > MOST_ROWS
      ? html`<label class="field"><span class="unseen">Find in: ${heading}</span>
          <input type="search" placeholder=${`Find one of ${rows.length}`} .value=${given.filters[key] ?? ''} @input=${event => {
            given.filters[key] = event.target.value;
            filtered();
          }}></label>`
      : nothing}
    <div class="control-rows">${some.map(draw)}</div>
    ${matching.length > some.length ? html`<p class="muted">And ${matching.length - some.length} more: find them by name.</p>` : nothing}
    ${matching.length === 0 ? html`<p class="muted">None has that in its name.</p>` : nothing}
  </details>`;
}

/**
 * @param {{label: unknown, spoken: string, unit: string, now: string, value: ?number, isChanged: boolean, slider: {min: number, max: number, step: number},
 *     least: number, most: number, whole?: boolean, set: (value: ?number) => void}} spec `value` null: as now, and what that is, is not known
 */
function control(spec) {
  const {slider} = spec;
  const at = spec.value === null ? slider.max : Math.min(slider.max, Math.max(slider.min, spec.value));
  const read = text => {
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) {
      return null;
    }
    return Math.min(spec.most, Math.max(spec.least, spec.whole ? Math.round(value) : Number(value.toPrecision(6))));
  };
  const said = spec.value === null ? 'none' : `${number(spec.value)} ${spec.unit}`;
  return html`<div class="control ${spec.isChanged ? 'control-changed' : ''}">
    <span class="control-label">${spec.label} <small>now ${spec.now}</small></span>
    <input type="range" min=${slider.min} max=${slider.max} step=${slider.step} .value=${live(String(at))} aria-label=${spec.spoken}
      aria-valuetext=${`${said}, now ${spec.now}`} @input=${event => spec.set(read(event.target.value))}>
    <span class="control-number"><input type="number" min=${spec.least} max=${spec.most} step="any" .value=${spec.value === null ? '' : String(rounded(spec.value))}
      placeholder="none" aria-label=${`${spec.spoken}${spec.unit ? `, ${spec.unit}` : ''}`} @change=${event => spec.set(read(event.target.value))}>
      <small>${spec.unit}</small></span>
    <button type="button" class="quiet" ?disabled=${!spec.isChanged} @click=${() => spec.set(null)} aria-label=${`${spec.spoken}: as now`} title="As now">↺</button>
  </div>`;
}

/** A factor, its slider in powers of two, so that half and twice are as far from one. */
function factor(label, spoken, value, set, off = false) {
  const at = Math.max(-FACTOR_STEPS, Math.min(FACTOR_STEPS, Math.log2(value || 2 ** -FACTOR_STEPS)));
  const read = text => {
    const given = Number(text);
    return text === '' || !(given > 0) ? null : Math.min(FACTOR_MOST, Number(given.toPrecision(4)));
  };
  return html`<div class="control ${value === 1 || off ? '' : 'control-changed'}">
    <span class="control-label">${label} <small>now × 1</small></span>
    <input type="range" min=${-FACTOR_STEPS} max=${FACTOR_STEPS} step="0.125" .value=${live(String(at))} ?disabled=${off} aria-label=${spoken} aria-valuetext=${`times ${number(value)}`}
      @input=${event => set(read(String(2 ** Number(event.target.value))))}>
    <span class="control-number"><input type="number" min="0.001" max=${FACTOR_MOST} step="any" .value=${String(rounded(value))} ?disabled=${off} aria-label=${spoken}
      @change=${event => set(read(event.target.value))}> <small>×</small></span>
    <button type="button" class="quiet" ?disabled=${value === 1 || off} @click=${() => set(null)} aria-label=${`${spoken}: as now`} title="As now">↺</button>
  </div>`;
}

/** @param {number} value */
function rounded(value) {
  return Number(value.toPrecision(4));
}
