// @ts-check
// One proposal: why now, what changes on the map, what it brings and costs, how it goes on.
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {count, duration, number, percent, rate, seconds} from '../format.js';
import {createReading} from '../reading.js';
import {hashOf} from '../router.js';
import {known, model, name, operatorButton, sentence, shown, table, time} from '../ui.js';
import {decideProposal, decideRollback, stateBadge, stateWord} from './decide.js';
import {enginesOfPlan} from './map-layout.js';
import {allocationText, comparison, mapPair} from './map-pair.js';
import {createPieces} from './pieces.js';
import {basisOf, gainRows} from './proposal-basis.js';
import {scorecardPanel} from './scorecard-panel.js';

const UNDER_WAY = new Set(['approved', 'applying', 'verifying']);
const FIRST_STEPS = 40;
/** Ends the names of numbers that are moments. */
const EPOCH = 'EpochSeconds';

/** @param {any} context @param {string} id */
export function openProposal(context, id) {
  let allNodes = false;
  let allSteps = false;
  const pieces = createPieces(context.redraw);
  /** @type {{proposal: any, cluster: any, plans: any, compared: ReturnType<typeof comparison>, from: string} | null} */
  let kept = null;
  /** @type {string | null} */
  let entryId = null;
  let lastState = '';

  const proposal = createReading(context, `api/v1/proposals/${encodeURIComponent(id)}`, answer => {
    if (lastState && lastState !== answer.state) {
      context.announce(`The proposal is ${stateWord(answer.state)}.`);
    }
    lastState = answer.state;
    if (answer.planEntry && answer.planEntry !== entryId) {
      entryId = answer.planEntry;
      entry.now();
    }
    return answer;
  });
  const cluster = createReading(context, 'api/v1/cluster');
  const plans = createReading(context, 'api/v1/plans?limit=100', answer => answer.plans);
  const entry = createReading(context, () => `api/v1/plans/${encodeURIComponent(entryId ?? '')}`);
  proposal.now();
  cluster.now();
  plans.now();

  const reread = () => {
    proposal.now();
    cluster.now();
  };
  const toggle = () => {
    allNodes = !allNodes;
    context.redraw();
  };

  /** Compared anew only when one of the answers is another one. @param {any} read */
  function compared(read) {
    const nodes = cluster.data?.nodes ?? [];
    if (!kept || kept.proposal !== read || kept.cluster !== cluster.data || kept.plans !== plans.data) {
      const basis = basisOf(read, cluster.data ?? null, plans.data ?? []);
      kept = {
        proposal: read,
        cluster: cluster.data,
        plans: plans.data,
        from: basis.from,
        compared: comparison(nodes, basis.engines, enginesOfPlan(read.plan)),
      };
    }
    return kept;
  }

  /** @param {any} read */
  function buttons(read) {
    const {session} = context;
    const decide = what => decideProposal(context, what, () => proposal.data ?? read, compared(read).compared.list, answer => {
      Object.assign(proposal, {data: answer});
      reread();
    }, reread);
    const serves = cluster.data?.planEntry && cluster.data.planEntry === read.planEntry;
    return html`<div class="row">
      ${read.state === 'open'
        ? html`${operatorButton({label: 'Approve…', className: 'primary', session, click: () => decide('approve')})}
            ${operatorButton({label: 'Reject…', className: 'danger', session, click: () => decide('reject')})}`
        : nothing}
      ${UNDER_WAY.has(read.state) || serves
        ? operatorButton({label: 'Go back…', className: 'danger', session, click: () => decideRollback(context, made => context.go(hashOf('history', made.id)))})
        : nothing}
    </div>`;
  }

  return {
    heading: () => html`Proposal ${name(id)}`,
    render: () => html`<p><a href=${hashOf('proposals')}>All proposals</a></p>
      ${shown(proposal, 'the proposal', read => html`
        <section class="panel" aria-label="State">
          <div class="panel-head">
            <p>${stateBadge(read.state)} <span class="muted">made ${time(read.createdAt)}${
              read.changedAt === read.createdAt ? '' : html`, ${stateWord(read.state)} since ${time(read.changedAt, read.createdAt)}`}</span></p>
            ${read.planEntry ? html`<a href=${hashOf('history', read.planEntry)}>As a plan in the history</a>` : nothing}
          </div>
          ${facts(read)}
          ${buttons(read)}
        </section>
        ${whyNow(read)}
        ${progress(read, entry)}
        <section class="panel proposal-maps" aria-labelledby="maps-title">
          <h2 id="maps-title">What moves</h2>
          ${mapsOf(read, compared(read), {allNodes, toggle, pieces, clusterKnown: cluster.data !== undefined})}
        </section>
        ${brings(read)}
        <div class="columns">
          ${changes(read)}
          ${costs(read)}
        </div>
        ${entry.data?.scorecard ? scorecardPanel(entry.data.scorecard) : nothing}
        ${decided(read)}
        <div class="columns">
          ${steps(read, allSteps, () => {
            allSteps = true;
            context.redraw();
          })}
          ${list('Explanation', read.explanation)}
        </div>`)}`,
    changed(event) {
      const here = !event.data || event.data.id === undefined || event.data.id === id;
      if (event.type === 'gap' || event.type === 'tick' || (event.type === 'proposal' && here)) {
        proposal.refresh();
      }
      if (event.type === 'gap' || event.type === 'proposal' || event.type === 'step' || event.type === 'service') {
        cluster.refresh();
      }
      if (entryId && (event.type === 'gap' || event.type === 'step' || event.type === 'scorecard')) {
        entry.refresh();
      }
    },
    close() {
      [proposal, cluster, plans, entry, pieces].forEach(each => each.close());
    },
  };
}

/** @param {any} read */
function facts(read) {
  const {gain} = read;
  const before = gain.latencySecondsBefore;
  return html`<dl class="facts">
    <div><dt>Mean latency, predicted</dt><dd>${before === undefined || before === null
      ? html`cannot hold the targets → ${duration(gain.latencySecondsAfter)}`
      : html`${duration(before)} → ${duration(gain.latencySecondsAfter)} <span class="muted">(${gain.relative >= 0 ? `${percent(gain.relative)} less` : `${percent(-gain.relative)} more`})</span>`}</dd></div>
    <div><dt>GPUs</dt><dd>${number(gain.gpusBefore)} → ${number(gain.gpusAfter)}</dd></div>
    <div><dt>Engines started or stopped</dt><dd>${read.cost.moves}</dd></div>
    <div><dt>Expected to take</dt><dd>${duration(read.cost.seconds)}</dd></div>
    ${read.plan.optimalityGap > 1e-9
      ? html`<div><dt>Not proven the best</dt><dd>at most ${percent(read.plan.optimalityGap)} missing</dd></div>`
      : read.plan.optimalityGap === undefined ? nothing : html`<div><dt>Search</dt><dd>proven the best</dd></div>`}
  </dl>`;
}

/** @param {any} read */
function whyNow(read) {
  return html`<section class="panel" aria-labelledby="why-title">
    <h2 id="why-title">Why now</h2>
    ${read.triggers.length === 0 ? html`<p class="muted">The proposal does not say.</p>` : nothing}
    <ul class="triggers">${read.triggers.map(each => html`<li>
      <p><span class="tag">${each.kind}</span> ${sentence(each.sentence)} <small>${time(each.at)}</small></p>
      ${each.workflow || each.model
        ? html`<p class="muted">${each.workflow ? html`Workflow ${name(each.workflow)}. ` : ''}${each.model ? html`Model ${model(each.model)}.` : ''}</p>`
        : nothing}
      ${evidence(each.evidence)}
    </li>`)}</ul>
  </section>`;
}

/** Names of numbers carry their units. @param {Record<string, number>} numbers */
function evidence(numbers) {
  const entries = Object.entries(numbers ?? {});
  return entries.length === 0
    ? nothing
    : html`<dl class="facts evidence">${entries.map(([key, value]) => (key.endsWith(EPOCH)
        ? html`<div><dt>${words(key.slice(0, -EPOCH.length))}</dt><dd>${time(new Date(value * 1000).toISOString())}</dd></div>`
        : html`<div><dt>${words(key)}</dt><dd>${number(value)}</dd></div>`))}</dl>`;
}

/** `callsPerExecutionBefore` as people write it. @param {string} key */
function words(key) {
  return name(key.replace(/([a-z0-9])([A-Z])/g, (_all, one, other) => `${one} ${other.toLowerCase()}`));
}

/** @param {any} read @param {{compared: any, from: string}} kept @param {{allNodes: boolean, toggle: () => void, pieces: any, clusterKnown: boolean}} options */
function mapsOf(read, kept, {allNodes, toggle, pieces, clusterKnown}) {
  if (!clusterKnown) {
    return html`<p class="state loading">Reading the cluster…</p>`;
  }
  if (!read.plan.placements) {
    return html`<p class="state">The plan names no places.</p>`;
  }
  const missing = {
    nothing: 'Nothing served before.',
    unknown: html`What served when this was made is not known any more: the plan it rests on${read.basePlanId ? html` (${name(read.basePlanId)})` : ''} is not
      among the recorded ones. So all engines of the plan are shown as starting.`,
  }[kept.from];
  return mapPair(kept.compared, {before: kept.from === 'cluster' ? 'Now' : 'Before', after: 'Plan', allNodes, toggle, pieces, beforeMissing: missing ?? null});
}

/** @param {any} read */
function brings(read) {
  const rows = gainRows(read);
  const limits = rows.some(row => row.limit !== null);
  const overloaded = 'What served could not hold the target.';
  const unbounded = 'Nothing bounds it, or it is not known.';
  return html`<section class="panel">${table({
    caption: 'What it is predicted to bring, by workflow',
    stack: true,
    rows,
    key: row => row.workflow,
    columns: [
      {label: 'Workflow', head: true, cell: row => name(row.workflow)},
      {label: 'Target, 1/s', number: true, cell: row => number(row.target)},
      {label: 'Latency before, s', number: true, cell: row => html`${known(row.latencyBefore, seconds, overloaded)}${interval(row.intervalBefore, seconds)}`},
      {label: 'Latency after, s', number: true, cell: row => html`${known(row.latencyAfter, seconds, 'Overloaded.')}${interval(row.interval, seconds)}`},
      ...(limits ? [{label: 'Limit, s', number: true, cell: row => known(row.limit, seconds, 'No limit.')}] : []),
      {label: 'Most before, 1/s', number: true, title: 'Highest rate, the other workflows at their targets', cell: row => known(row.mostBefore, rate, unbounded)},
      {label: 'Most after, 1/s', number: true, title: 'Highest rate, the other workflows at their targets', cell: row => known(row.mostAfter, rate, unbounded)},
      {label: 'Set by', cell: row => (row.bottleneck ? model(row.bottleneck) : html`<span class="muted">nothing</span>`)},
    ],
  })}
  <p class="muted">${rows.some(row => row.interval)
    ? 'Ranges are 95 % intervals, from those of the statistics. The planner knows none of the highest rates.'
    : 'No intervals are known: the statistics that this rests on have none yet.'}</p></section>`;
}

/** The 95 % interval under its number. @param {?number[]} range @param {(value: number) => string} format */
export function interval(range, format) {
  return range ? html` <small class="interval" title="95 % interval">${format(range[0])} to ${format(range[1])}</small>` : nothing;
}

/** @param {any} read */
function changes(read) {
  return html`<section class="panel">${read.difference.length === 0
    ? html`<h2>Sizes</h2><p class="muted">No model changes its size.</p>`
    : table({
        caption: 'Sizes that change',
        stack: true,
        rows: read.difference,
        key: each => each.model,
        columns: [
          {label: 'Model', head: true, cell: each => model(each.model)},
          {label: 'Before', cell: each => allocationText(each.before)},
          {label: 'After', cell: each => allocationText(each.after)},
        ],
      })}</section>`;
}

/** @param {any} read */
function costs(read) {
  const {cost} = read;
  return html`<section class="panel" aria-labelledby="cost-title"><h2 id="cost-title">What the move costs</h2>
    <dl class="facts">
      <div><dt>Starts and stops</dt><dd>${cost.moves}</dd></div>
      <div><dt>Takes about</dt><dd>${duration(cost.seconds)}</dd></div>
      <div><dt>GPU-seconds without service</dt><dd>${count(cost.gpuSeconds)}</dd></div>
      <div><dt>Requests that wait longer</dt><dd>${number(cost.delayedRequests)}</dd></div>
      <div><dt>Worth, the move taken off</dt><dd>${count(cost.worthSeconds)} request-seconds in ${duration(cost.horizonSeconds)}</dd></div>
    </dl></section>`;
}

/** While a plan is being moved to, what has happened. @param {any} read @param {any} entry reading */
function progress(read, entry) {
  const happened = entry.data?.steps;
  if (!happened || !UNDER_WAY.has(read.state)) {
    return nothing;
  }
  return html`<section class="panel" aria-labelledby="progress-title"><h2 id="progress-title">Under way</h2>
    <ol class="steps">${happened.slice(-FIRST_STEPS).map(step => html`<li><small>${time(step.at, read.createdAt)}</small> ${sentence(step.text)}</li>`)}</ol>
  </section>`;
}

/** @param {any} read @param {boolean} all @param {() => void} showAll */
function steps(read, all, showAll) {
  const shownSteps = all ? read.steps : read.steps.slice(0, FIRST_STEPS);
  return html`<section class="panel" aria-labelledby="steps-title"><h2 id="steps-title">Steps, in order</h2>
    ${read.steps.length === 0 ? html`<p class="muted">None.</p>` : html`<ol class="steps">${shownSteps.map(each => html`<li>${sentence(each)}</li>`)}</ol>`}
    ${read.steps.length > shownSteps.length ? html`<button type="button" @click=${showAll}>All ${read.steps.length} steps</button>` : nothing}
  </section>`;
}

/** @param {string} heading @param {string[]} sentences */
function list(heading, sentences) {
  return html`<section class="panel"><h2>${heading}</h2><ul class="plain">${sentences.map(each => html`<li>${sentence(each)}</li>`)}</ul></section>`;
}

/** @param {any} read */
function decided(read) {
  return html`<section class="panel"><h2>Decisions</h2>
    ${read.decisions.length === 0
      ? html`<p class="muted">None yet.</p>`
      : html`<ol class="plain">${read.decisions.map(each => html`<li><b>${each.what}</b> by ${name(each.by)} <small>${time(each.at)}</small>${
          each.reason ? html`<br>${sentence(each.reason)}` : ''}</li>`)}</ol>`}
  </section>`;
}
