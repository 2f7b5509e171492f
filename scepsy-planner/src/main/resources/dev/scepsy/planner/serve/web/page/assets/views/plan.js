// @ts-check
// One plan of the history: how it came, how it went, how it did.
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {number, rate, seconds} from '../format.js';
import {createReading} from '../reading.js';
import {hashOf} from '../router.js';
import {known, model, name, operatorButton, sentence, shown, table, time} from '../ui.js';
import {decideRollback, stateBadge} from './decide.js';
import {enginesOfPlan, layout} from './map-layout.js';
import {allocationText, comparison, mapPair} from './map-pair.js';
import {clusterMap, legend} from './map.js';
import {createPieces} from './pieces.js';
import {interval} from './proposal.js';
import {scorecardPanel} from './scorecard-panel.js';
import {PLAN_KINDS} from './scorecard.js';

const FIRST_STEPS = 60;

/** @param {any} context @param {string} id */
export function openPlan(context, id) {
  let allNodes = false;
  let allSteps = false;
  const pieces = createPieces(context.redraw);
  /** @type {string | null} */
  let previousId = null;
  /** @type {any} */
  let kept = null;
  const entry = createReading(context, `api/v1/plans/${encodeURIComponent(id)}`, answer => {
    if (answer.previous && answer.previous !== previousId) {
      previousId = answer.previous;
      previous.now();
    }
    return answer;
  });
  const previous = createReading(context, () => `api/v1/plans/${encodeURIComponent(previousId ?? '')}`);
  const cluster = createReading(context, 'api/v1/cluster');
  entry.now();
  cluster.now();

  /** @param {any} read */
  function map(read) {
    const nodes = cluster.data?.nodes ?? [];
    if (!kept || kept.read !== read || kept.previous !== previous.data || kept.nodes !== nodes) {
      const engines = enginesOfPlan(read.plan);
      const before = previous.data ? enginesOfPlan(previous.data.plan) : null;
      kept = {
        read,
        previous: previous.data,
        nodes,
        models: [...new Set(engines.map(engine => engine.model))].sort(),
        pair: before ? comparison(nodes, before, engines) : null,
        spots: before ? null : layout(nodes, engines),
      };
    }
    return kept.pair
      ? mapPair(kept.pair, {
          before: 'The plan before',
          after: 'This plan',
          allNodes,
          pieces,
          toggle: () => {
            allNodes = !allNodes;
            context.redraw();
          },
        })
      : html`${legend(kept.models, [], false)}${clusterMap(kept.spots, {label: 'This plan', pieces})}`;
  }

  return {
    heading: () => html`Plan ${name(id)}`,
    render: () => html`<p><a href=${hashOf('history')}>All plans</a></p>
      ${shown(entry, 'the plan', read => html`
        <section class="panel" aria-label="State">
          <div class="panel-head"><p>${context.session?.readOnly && read.kind === 'found'
            ? html`<span class="muted">From the file ${name(read.by)}</span>`
            : html`${stateBadge(read.state)} <span class="muted">${PLAN_KINDS[read.kind] ?? read.kind}, by ${name(read.by)}</span>`}</p>
            ${read.proposal ? html`<a href=${hashOf('proposals', read.proposal)}>Its proposal</a>` : nothing}</div>
          ${read.reason ? html`<p>${sentence(read.reason)}</p>` : nothing}
          <dl class="facts">
            <div><dt>Begun</dt><dd>${time(read.startedAt)}</dd></div>
            <div><dt>Applied</dt><dd>${time(read.appliedAt, read.startedAt)}</dd></div>
            <div><dt>Ended</dt><dd>${time(read.endedAt, read.startedAt)}</dd></div>
            ${read.clusterPlanId ? html`<div><dt>On the cluster</dt><dd>${name(read.clusterPlanId)}</dd></div>` : nothing}
            ${read.previous ? html`<div><dt>Before it</dt><dd><a href=${hashOf('history', read.previous)}>${name(read.previous)}</a></dd></div>` : nothing}
          </dl>
          ${cluster.data?.planEntry === id && !cluster.data.planOnly
            ? html`<div class="row">${operatorButton({
                label: 'Go back to the plan before…',
                className: 'danger',
                session: context.session,
                click: () => decideRollback(context, made => context.go(hashOf('history', made.id))),
              })}</div>`
            : nothing}
        </section>
        ${read.scorecard ? scorecardPanel(read.scorecard) : html`<p class="state">No scorecard: ${read.state === 'verifying' || read.state === 'applying'
          ? 'it is not verified yet.' : 'it was not verified.'}</p>`}
        <section class="panel" aria-labelledby="plan-map-title"><h2 id="plan-map-title">${kept?.pair ? 'What moved' : 'Where it puts engines'}</h2>${map(read)}</section>
        ${predictions(read.plan.predictions ?? [])}
        <div class="columns">${sizes(read.plan.allocations ?? [])}${happened(read, allSteps, () => {
          allSteps = true;
          context.redraw();
        })}</div>`)}`,
    changed(event) {
      const here = event.data?.plan === undefined || event.data.plan === id;
      if (event.type === 'gap' || event.type === 'tick' || event.type === 'proposal' || ((event.type === 'step' || event.type === 'scorecard') && here)) {
        entry.refresh();
      }
      if (event.type === 'gap' || event.type === 'service' || event.type === 'proposal') {
        cluster.refresh();
      }
    },
    close() {
      [entry, previous, cluster, pieces].forEach(each => each.close());
    },
  };
}

/** @param {any[]} list */
function predictions(list) {
  return list.length === 0
    ? nothing
    : html`<section class="panel">${table({
        caption: 'What it predicts, by workflow',
        stack: true,
        rows: list,
        key: each => each.workflow,
        columns: [
          {label: 'Workflow', head: true, cell: each => name(each.workflow)},
          {label: 'Target, 1/s', number: true, cell: each => number(each.targetPerSecond)},
          {label: 'Latency, s', number: true, cell: each => html`${known(each.latencySeconds, seconds, 'Overloaded.')}${interval(each.latencyInterval95Seconds ?? null, seconds)}`},
          {label: 'Most, 1/s', number: true, title: 'Highest rate, the other workflows at their targets', cell: each => known(each.maxThroughputPerSecond, rate, 'Nothing bounds it.')},
          {label: 'Set by', cell: each => (each.bottleneck ? model(each.bottleneck) : html`<span class="muted">nothing</span>`)},
        ],
      })}</section>`;
}

/** @param {any[]} list */
function sizes(list) {
  return html`<section class="panel">${table({
    caption: 'Sizes',
    stack: true,
    rows: list,
    key: each => each.model,
    columns: [
      {label: 'Model', head: true, cell: each => model(each.model)},
      {label: 'Size', cell: each => allocationText(each)},
    ],
  })}</section>`;
}

/** @param {any} read @param {boolean} all @param {() => void} showAll */
function happened(read, all, showAll) {
  const some = all ? read.steps : read.steps.slice(0, FIRST_STEPS);
  return html`<section class="panel" aria-labelledby="happened-title"><h2 id="happened-title">What happened</h2>
    ${read.steps.length === 0 ? html`<p class="muted">No step is recorded.</p>` : nothing}
    <ol class="steps">${some.map(step => html`<li><small>${time(step.at, read.startedAt)}</small> ${sentence(step.text)}</li>`)}</ol>
    ${read.steps.length > some.length ? html`<button type="button" @click=${showAll}>All ${read.steps.length} steps</button>` : nothing}
  </section>`;
}
