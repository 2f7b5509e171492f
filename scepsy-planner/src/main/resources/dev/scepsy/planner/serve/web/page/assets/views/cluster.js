// @ts-check
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {guard} from '../lib/lit-html/directives/guard.js';
import {gibibytes, number, percent} from '../format.js';
import {createReading} from '../reading.js';
import {hashOf} from '../router.js';
import {known, model, name, operatorButton, sentence, shown, table, time, whyNot} from '../ui.js';
import {decideFreeze, decidePin, decideRollback, decideTrust, decideUnfreeze, decideUnpin, pinText, suspectText} from './decide.js';
import {longText} from './long-text.js';
import {enginesOfCluster, enginesOfPlan, layout, standing} from './map-layout.js';
import {STANDING_WORDS, clusterMap, legend, plural} from './map.js';
import {createPieces} from './pieces.js';
import {slowly} from './slowly.js';

export const title = 'Cluster';

const MODES = [
  {key: 'now', label: 'What runs'},
  {key: 'plan', label: 'What the plan wants'},
  {key: 'differs', label: 'What differs'},
];
/** Longer lists are opened on demand. */
const MOST_DIFFERENCES = 8;
/** Files without a plan say which one is missing. */
const ANY_PLAN = '';
/** What may change the cluster. Rates and statistics do not. */
const EVENTS = new Set(['trigger', 'step', 'pin', 'freeze', 'service', 'proposal', 'scorecard', 'tick', 'gap']);

/** @param {any} context */
export function open(context) {
  let mode = 'now';
  let listOpen = false;
  const pieces = createPieces(context.redraw);
  /** @type {string | null} */
  let plannedId = null;
  const cluster = createReading(context, 'api/v1/cluster', answer => {
    const prepared = prepare(answer);
    const asked = prepared.planId ?? (prepared.planOnly ? ANY_PLAN : null);
    if (asked !== plannedId) {
      plannedId = asked;
      if (plannedId !== null) {
        plan.now();
      }
    }
    return prepared;
  });
  const plan = createReading(context, () => (plannedId === ANY_PLAN ? 'api/v1/plans?limit=1' : `api/v1/plans/${encodeURIComponent(plannedId ?? '')}`), entry => ({
    entry,
    engines: enginesOfPlan(entry.plan ?? entry.plans?.[0]?.plan),
    modelNames: [...new Set((entry.plan?.placements ?? []).map(each => each.model))].sort(),
    /** @type {any} */
    nodes: null,
    /** @type {any} */
    spots: null,
  }));
  cluster.now();
  const look = slowly(() => cluster.refresh());

  /** The plan on the hardware that is there now; laid out anew only when one of the two is another one. */
  function planned() {
    const nodes = cluster.data?.nodes ?? [];
    if (plan.data && plan.data.nodes !== nodes) {
      plan.data.nodes = nodes;
      plan.data.spots = layout(nodes, plan.data.engines, cluster.data?.suspects);
    }
    return plan.data?.spots ?? null;
  }

  const choose = key => {
    mode = key;
    context.redraw();
  };

  return {
    render: () => shown(cluster, 'the cluster', data => html`
      ${header(context, data, data.planOnly ? planned() ?? data.spots : data.spots, () => cluster.now())}
      ${differences(data)}
      ${suspects(context, data, () => cluster.now())}
      ${mapPanel(data, plan, planned, data.planOnly ? 'plan' : mode, choose, pieces)}
      ${guard([data, context.session], () => models(context, data, () => cluster.now()))}
      ${engineList(data, plan, listOpen, open => {
        listOpen = open;
        context.redraw();
      })}
      ${notes(data.loop?.notes ?? [])}`),
    changed(event) {
      if (EVENTS.has(event.type)) {
        cluster.refresh();
      } else if (event.type === 'statistics') {
        look();
      }
    },
    close() {
      cluster.close();
      plan.close();
      pieces.close();
    },
  };
}

/** @param {any} answer of /api/v1/cluster */
function prepare(answer) {
  const engines = enginesOfCluster(answer);
  const running = engines.filter(engine => engine.found !== false);
  return {
    ...answer,
    planId: answer.planEntry ?? null,
    engines,
    running,
    spots: layout(answer.nodes, running, answer.suspects),
    // with what the plan wants and is not there
    allSpots: running.length === engines.length ? null : layout(answer.nodes, engines, answer.suspects),
    kinds: new Set(engines.map(standing)),
    // files, and services without a server to push to, know nothing that runs
    planOnly: answer.planOnly === true || (engines.length === 0 && Boolean(answer.planEntry)),
    gpuTypes: [...new Set(answer.nodes.map(node => node.gpu))].sort(),
    modelNames: [...new Set(engines.map(engine => engine.model))].sort(),
  };
}

/** @param {any} context @param {any} data @param {any} spots @param {() => void} reread */
function header(context, data, spots, reread) {
  const {session} = context;
  return html`<section class="panel" aria-label="State of the cluster">
    <dl class="facts">
      <div><dt>${data.planOnly ? 'Plan' : 'Plan that serves'}</dt><dd>${data.planId ? html`<a href=${hashOf('history', data.planId)}>${name(data.planId)}</a>` : 'none known'}</dd></div>
      <div><dt>GPUs</dt><dd>${data.planOnly && !data.planId ? spots.gpus : `${spots.gpus - spots.freeGpus} of ${spots.gpus} in use`}${
        spots.lostGpus > 0 ? html`, <span class="bad">${spots.lostGpus} not there</span>` : ''}</dd></div>
      <div><dt>Largest free group</dt><dd>${spots.largestFreeGroup}${spots.largestFreeNode ? html` on ${name(spots.largestFreeNode)}` : ''}</dd></div>
      ${data.loop ? html`<div><dt>Mode</dt><dd>${data.loop.mode}</dd></div>` : nothing}
      ${data.loop?.cooldownUntil ? html`<div><dt>Cooldown until</dt><dd>${time(data.loop.cooldownUntil)}</dd></div>` : nothing}
    </dl>
    ${data.push ? html`<p class="push" role="status"><b>Push under way.</b> ${sentence(data.push)}</p>` : nothing}
    ${data.freeze
      ? html`<p class="freeze"><b>Frozen</b> since ${time(data.freeze.at)} by ${name(data.freeze.by)}${data.freeze.until ? html`, until ${time(data.freeze.until)}` : ''}: nothing is applied.${
          data.freeze.reason ? html` ${longText(data.freeze.reason)}` : ''}</p>`
      : nothing}
    ${session?.readOnly ? nothing : html`<div class="row">
      ${data.freeze
        ? operatorButton({label: 'End the freeze…', session, click: () => decideUnfreeze(context, data.freeze, reread)})
        : operatorButton({label: 'Freeze…', session, click: () => decideFreeze(context, reread)})}
      ${data.planId && !data.planOnly
        ? operatorButton({label: 'Go back to the plan before…', session, click: () => decideRollback(context, entry => {
            reread();
            context.go(hashOf('history', entry.id));
          })})
        : nothing}
    </div>`}
  </section>`;
}

/** @param {any} data */
function differences(data) {
  if (data.planOnly) {
    return html`<p class="state">Plan only: what runs is not known here.</p>`;
  }
  const list = data.differences;
  if (list.length === 0 && (data.kinds.has('starting') || data.kinds.has('trouble') || data.kinds.has('missing') || data.kinds.has('unplanned'))) {
    return html`<p class="state stale">Not everything runs as the plan wants it: the map and the list of engines show where.</p>`;
  }
  if (list.length === 0) {
    return html`<p class="state ${data.planId ? 'as-planned' : ''}">${data.planId ? 'What runs is what the plan wants.' : 'No plan serves that this service knows of.'}</p>`;
  }
  if (data.push) {
    // that much differs in the middle of a move is no surprise
    return html`<details class="state"><summary>${plural(list.length, 'difference')} while the push is under way</summary>
      <ul>${list.map(each => html`<li>${sentence(each)}</li>`)}</ul></details>`;
  }
  return html`<section class="state stale" aria-label="What differs">
    <b>${plural(list.length, 'thing')} to know of the cluster:</b>
    <ul>${list.slice(0, MOST_DIFFERENCES).map(each => html`<li>${sentence(each)}</li>`)}</ul>
    ${list.length > MOST_DIFFERENCES
      ? html`<details><summary>${list.length - MOST_DIFFERENCES} more</summary><ul>${list.slice(MOST_DIFFERENCES).map(each => html`<li>${sentence(each)}</li>`)}</ul></details>`
      : nothing}
  </section>`;
}

/** @param {any} context @param {any} data @param {() => void} reread */
function suspects(context, data, reread) {
  const list = data.suspects ?? [];
  if (list.length === 0 && (data.kinds.has('starting') || data.kinds.has('trouble') || data.kinds.has('missing') || data.kinds.has('unplanned'))) {
    return html`<p class="state stale">Not everything runs as the plan wants it: the map and the list of engines show where.</p>`;
  }
  if (list.length === 0) {
    return nothing;
  }
  const nodes = [...new Set(list.map(each => each.node))];
  return html`<section class="state stale" aria-label="GPUs that plans leave out">
    <b>GPUs that plans leave out, because an engine was slow there:</b>
    <ul>${nodes.map(node => html`<li>${list.filter(each => each.node === node).map(each => html`<p>${suspectText(each)}</p>`)}
      ${operatorButton({
        label: html`Trust again…<span class="unseen"> ${name(node)}</span>`,
        session: context.session,
        click: () => decideTrust(context, node, list.filter(each => each.node === node), reread),
      })}</li>`)}</ul>
  </section>`;
}

/** @param {any} data @param {any} plan reading @param {() => any} planned @param {string} mode @param {(key: string) => void} choose @param {any} pieces */
function mapPanel(data, plan, planned, mode, choose, pieces) {
  return html`<section class="panel" aria-labelledby="map-title">
    <div class="panel-head">
      <h2 id="map-title">Map</h2>
      ${data.planOnly
        ? html`<span class="tag">plan only</span>`
        : html`<fieldset class="segments"><legend class="unseen">What the map shows</legend>
            ${MODES.map(each => html`<label><input type="radio" name="map-mode" .checked=${each.key === mode}
              @change=${() => choose(each.key)}><span>${each.label}</span></label>`)}
          </fieldset>`}
    </div>
    ${mode === 'plan' ? plannedMap(data, plan, planned, pieces) : runningMap(data, mode, pieces)}
  </section>`;
}

/** @param {any} data @param {string} mode @param {any} pieces */
function runningMap(data, mode, pieces) {
  if (data.spots.racks.length === 0) {
    return html`<p class="state">No cluster is configured, or no node of it takes engines.</p>`;
  }
  const differs = mode === 'differs';
  const kinds = differs ? data.kinds : [...data.kinds].filter(kind => kind !== 'missing');
  return html`${legend(data.modelNames, kinds, false)}
    ${differs && !data.kinds.has('missing') && !data.kinds.has('unplanned') && !data.kinds.has('starting') && !data.kinds.has('trouble')
      ? html`<p class="muted">Every engine of the plan runs at its place, and no other does.</p>`
      : nothing}
    ${clusterMap(differs ? data.allSpots ?? data.spots : data.spots, {label: differs ? 'What differs' : 'What runs', onlyDifferences: differs, pieces})}`;
}

/** @param {any} data @param {any} plan reading @param {() => any} planned @param {any} pieces */
function plannedMap(data, plan, planned, pieces) {
  if (!data.planId && !data.planOnly) {
    return html`<p class="state">No plan serves that this service knows of.</p>`;
  }
  return shown(plan, 'the plan', read => (read.engines.length === 0 ? html`<p class="state">The plan places no engines.</p>` : html`${legend(read.modelNames, [], false)}
    ${clusterMap(planned(), {label: 'What the plan wants', pieces})}`));
}

/** @param {any} context @param {any} data @param {() => void} reread */
function models(context, data, reread) {
  const pins = new Map(data.pins.map(pin => [pin.model, pin]));
  const rows = modelRows(data, pins);
  if (rows.length === 0) {
    return nothing;
  }
  const why = whyNot(context.session);
  // the reason stands once below the table, and not in each of a hundred rows
  const button = (label, of, click) => html`<button type="button" ?disabled=${why !== ''} title=${why || nothing}
    @click=${click}>${label}<span class="unseen"> ${name(of)}</span></button>`;
  return html`<section class="panel">${table({
    caption: 'Models on the cluster',
    stack: true,
    rows,
    key: row => row.model,
    columns: [
      {label: 'Model', head: true, cell: row => model(row.model)},
      {label: 'Engines', number: true, title: 'Ready of planned', cell: row => html`${row.ready} of ${row.planned}${
        row.unplanned > 0 ? html` <span class="warn">+ ${row.unplanned} not planned</span>` : ''}`},
      {label: 'Share of each GPU', number: true, cell: row => row.shape ? percent(row.shape.gpuFraction) : '–'},
      {label: 'GPUs per replica', number: true, cell: row => row.shape ? row.shape.tensorParallel : '–'},
      {label: 'GPUs', number: true, title: 'Replicas × GPUs per replica × share', cell: row => number(row.gpus)},
      {label: 'Pin', cell: row => row.pin
        ? html`<span>${pinText(row.pin)} <small>by ${name(row.pin.by)}${row.pin.until ? html`, until ${time(row.pin.until)}` : ''}${
          row.pin.reason ? html`: ${longText(row.pin.reason)}` : ''}</small></span>`
        : html`<span class="muted">free</span>`},
      {label: 'Change', cell: row => row.pin
        ? button('Unpin…', row.model, () => decideUnpin(context, row.pin, reread))
        : button('Pin…', row.model, () => decidePin(context, row.model, row.shape, data.gpuTypes, reread))},
    ],
  })}${why ? html`<p class="muted">Pinning: ${why}</p>` : nothing}</section>`;
}

/** Pinned models that have no engine are rows too. @param {any} data @param {Map<string, any>} pins */
function modelRows(data, pins) {
  const types = new Map(data.nodes.map(node => [node.name, node.gpu]));
  const rows = new Map();
  const row = of => {
    if (!rows.has(of)) {
      rows.set(of, {model: of, ready: 0, planned: 0, unplanned: 0, gpus: 0, shape: null, pin: pins.get(of) ?? null});
    }
    return rows.get(of);
  };
  for (const engine of data.engines) {
    const each = row(engine.model);
    const planned = engine.planned !== false;
    each.planned += planned ? 1 : 0;
    each.unplanned += planned ? 0 : 1;
    each.ready += planned && engine.ready === true ? 1 : 0;
    if (engine.found === false) {
      continue;
    }
    each.gpus += engine.fraction * engine.tensorParallel;
    const shape = {gpu: types.get(engine.node) ?? '', gpuFraction: engine.fraction, tensorParallel: engine.tensorParallel, replicas: 1, planned};
    const {shape: known} = each;
    // in the middle of a move there are two sizes; the one that stays is the model's
    if (!known || (planned && !known.planned)) {
      each.shape = shape;
    } else if (known.planned === planned && known.gpuFraction === shape.gpuFraction && known.tensorParallel === shape.tensorParallel) {
      known.replicas += 1;
    }
  }
  pins.forEach((_pin, of) => row(of));
  return [...rows.values()].sort((one, other) => (one.model < other.model ? -1 : 1));
}

/** @param {any} data @param {any} plan @param {boolean} isOpen @param {(open: boolean) => void} toggled */
function engineList(data, plan, isOpen, toggled) {
  const engines = data.planOnly ? plan.data?.engines ?? [] : data.engines;
  if (engines.length === 0) {
    return nothing;
  }
  return html`<details class="panel" .open=${isOpen} @toggle=${event => toggled(event.target.open)}>
    <summary>${plural(engines.length, 'engine')} as a list${
      data.planOnly || data.running.length === engines.length ? '' : `, ${engines.length - data.running.length} of them not there`}</summary>
    ${isOpen
      ? table({
          caption: 'Engines',
          stack: true,
          rows: engines,
          key: engine => engine.key,
          columns: [
            {label: 'Model', head: true, cell: engine => model(engine.model)},
            {label: 'Replica', number: true, cell: engine => engine.replica},
            {label: 'Node', cell: engine => engine.node ? name(engine.node) : 'not known'},
            {label: 'GPU', cell: engine => engine.gpus.length > 0 ? engine.gpus.join(', ') : 'not known'},
            {label: 'Share', number: true, cell: engine => percent(engine.fraction)},
            {label: 'Memory, GiB', number: true, title: 'Of each GPU', cell: engine => known(engine.memoryGiB, gibibytes, 'The plan does not say it.')},
            {label: 'State', cell: engine => html`${stateText(engine)}${engine.trouble.map(each => html` ${sentence(each)}`)}`},
          ],
        })
      : nothing}
  </details>`;
}

/** @param {import('./map-layout.js').Engine} engine */
function stateText(engine) {
  const kind = standing(engine);
  return kind === 'plan' ? 'planned' : kind === 'ready' ? (engine.ready === null ? 'planned, readiness not known' : 'ready') : STANDING_WORDS[kind].word;
}

/** @param {string[]} list */
function notes(list) {
  return list.length === 0
    ? nothing
    : html`<section class="panel"><h2>What the service does not do, and why</h2>
        <ul class="plain">${list.map(each => html`<li>${sentence(each)}</li>`)}</ul></section>`;
}
