// @ts-check
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {guard} from '../lib/lit-html/directives/guard.js';
import {count, counted, percent, rate, seconds, duration, shownName} from '../format.js';
import {empty, known, model, name, sentence, shown, styles, table, time} from '../ui.js';
import {createReading} from '../reading.js';
import {hashOf} from '../router.js';
import {workflowRows} from './overview-model.js';
import {openShares, partClass, partLabel} from './shares.js';

export const title = 'Overview';

const RECENT = '15m';
const WHOLE_EVERY_MILLIS = 30_000;

/**
 * @param {any} context
 * @param {{query: Record<string, string>}} params `workflow`: whose shares are shown
 */
export function open(context, params) {
  const recent = createReading(context, `api/v1/statistics?window=${RECENT}`);
  const whole = createReading(context, 'api/v1/statistics');
  const cluster = createReading(context, 'api/v1/cluster');
  const proposals = createReading(context, 'api/v1/proposals?limit=1');
  const readings = [recent, whole, cluster, proposals];
  let wanted = params.query.workflow ?? null;
  /** @type {ReturnType<typeof openShares> | null} */
  let shares = null;
  let wholeAt = performance.now();
  let marked = false;

  readings.forEach(reading => reading.now());

  function changed(event) {
    if (event.type === 'gap') {
      readings.forEach(reading => reading.refresh());
    }
    if (event.type === 'statistics' || event.type === 'tick' || event.type === 'gap') {
      recent.refresh();
      context.models.refresh();
      cluster.refresh();
      shares?.refresh();
      if (performance.now() - wholeAt > WHOLE_EVERY_MILLIS) {
        wholeAt = performance.now();
        whole.refresh();
      }
    } else if (event.type === 'proposal') {
      if (event.data?.state === 'open') {
        context.announce('A proposal waits for a decision.');
      }
      proposals.refresh();
      cluster.refresh();
    } else if (event.type === 'trigger') {
      shares?.refresh();
    } else {
      cluster.refresh();
    }
  }

  /** Shares of the workflow that was asked for, else of the first. */
  function sharesOf(rows) {
    const workflow = wanted ?? rows[0]?.workflow;
    if (workflow !== undefined && shares?.workflow !== workflow) {
      shares?.close();
      shares = openShares(context, workflow);
    }
    return shares?.render() ?? nothing;
  }

  function workflows() {
    const settled = whole.data ?? recent.data;
    if (settled === undefined) {
      return shown(whole, 'workflows', () => nothing);
    }
    const rows = workflowRows(recent.data, whole.data, cluster.data?.loop);
    if (!marked) {
      marked = true;
      queueMicrotask(() => performance.mark('overview-rows')); // they are in the document when this has run
    }
    if (rows.length === 0) {
      return empty('No execution has ended in the window yet. Programs that send their spans here by OTLP appear as soon as one of their workflows has ended.');
    }
    const selected = wanted ?? rows[0].workflow;
    // tables are large: each is made anew only when what it shows was read anew
    return html`<section class="panel">${guard([recent.data, whole.data, cluster.data, selected], () => workflowTable(rows, selected, context.session?.readOnly))}</section>${sharesOf(rows)}`;
  }

  return {
    render: () => html`${loopLine(cluster.data)}${openProposal(proposals.data)}${workflows()}
      <section class="panel models-panel">${guard([context.models.data, context.models.failure], () => shown(context.models, 'models', models))}</section>`,
    changed,
    moved(next) {
      wanted = next.query.workflow ?? null;
      // below fifty rows nobody would see that something has changed
      requestAnimationFrame(() => document.querySelector('.shares')?.scrollIntoView({block: 'nearest'}));
    },
    close() {
      readings.forEach(reading => reading.close());
      shares?.close();
    },
  };
}

/** How the service stands, in one line, and what it does not do and why. */
function loopLine(cluster) {
  const loop = cluster?.loop;
  if (!loop) {
    return nothing;
  }
  const modes = {
    observe: 'observes and proposes nothing',
    propose: 'proposes; a person decides',
    apply: 'proposes, and applies by itself within its limits',
    files: 'what these files say; nothing is measured or moved',
  };
  return html`<section class="loop" aria-label="The service">
    <p class="row"><span class="tag">mode ${loop.mode}</span> <span class="muted">${modes[loop.mode] ?? ''}</span>
      ${cluster.planEntry ? html`<a href=${hashOf('history', cluster.planEntry)}>Plan ${name(cluster.clusterPlanId ?? cluster.planEntry)}${cluster.planOnly ? nothing : ' serves'}</a>` : nothing}
      ${cluster.push ? html`<span class="tag warn">moving</span> ${sentence(cluster.push)}` : nothing}
      ${cluster.freeze ? html`<a class="tag warn" href="#/cluster">frozen</a>` : nothing}
      ${loop.cooldownUntil ? html`<span class="muted">cooldown until ${time(loop.cooldownUntil)}</span>` : nothing}
      ${loop.failures > 0 ? html`<span class="tag bad">${counted(loop.failures, 'failure')} since the start: see the log</span>` : nothing}</p>
    ${loop.notes?.length ? html`<ul class="notes">${loop.notes.map(note => html`<li>${sentence(note)}</li>`)}</ul>` : nothing}
  </section>`;
}

function openProposal(answer) {
  const proposal = answer?.proposals?.[0];
  if (!proposal || !['open', 'approved', 'applying', 'verifying'].includes(proposal.state)) {
    return nothing;
  }
  const said = {open: 'A proposal waits for a decision', approved: 'A proposal is approved', applying: 'A proposal is being applied',
    verifying: 'A plan is being verified'}[proposal.state];
  const gain = proposal.gain;
  return html`<section class="panel callout" aria-label="Proposal">
    <p class="row"><strong>${said}.</strong>
      ${gain ? html`<span>Mean latency ${known(gain.latencySecondsBefore, duration, 'what serves now cannot hold the targets')} →
        ${duration(gain.latencySecondsAfter)}, ${counted(proposal.cost?.moves, 'move')}.</span>` : nothing}
      <a href=${hashOf('proposals', proposal.id)}>Look at it</a></p>
    ${proposal.triggers?.length ? html`<p class="muted">${sentence(proposal.triggers[0].sentence)}</p>` : nothing}
  </section>`;
}

function workflowTable(rows, selected, files) {
  const none = 'no execution has ended in the last 15 minutes';
  const noPlan = 'no plan that serves predicts it';
  return table({
    caption: files ? 'Workflows: what was measured beside what is planned for' : 'Workflows: the last 15 minutes beside what is planned for',
    stack: true,
    key: row => row.workflow,
    rowClass: row => row.workflow === selected ? 'selected' : '',
    rows,
    columns: [
      {
        label: 'Workflow',
        head: true,
        cell: row => html`<span><a href=${hashOf('overview', null, {workflow: row.workflow})} aria-current=${row.workflow === selected ? 'true' : nothing}
            >${name(row.workflow)}</a>${row.enough ? nothing
          : html`<br><small>not enough data: ${count(row.executions)} of ${count(row.required)}</small>`}</span>`,
      },
      {label: 'Rate 1/s', number: true, cell: row => html`${row.overTarget ? html`<span class="tag warn">above target</span> ` : nothing}${known(
        row.perSecond, rate, 'no finished bin of arrivals yet')}`},
      {label: 'Target 1/s', number: true, title: 'What is planned for', cell: row => html`<span title=${row.targetFrom ? `${row.targetFrom}` : nothing}>${known(
        row.targetPerSecond, rate, 'neither configured nor measured yet')}</span>`},
      {label: 'Bears 1/s', number: true, title: 'The most that the plan that serves is predicted to bear', cell: row => known(row.maxPerSecond, rate, noPlan)},
      {label: 'Mean s', number: true, title: 'End-to-end latency', cell: row => html`${row.overLimit ? html`<span class="tag bad">over limit</span> ` : nothing}${known(
        row.meanSeconds, seconds, none)}`},
      {label: 'Predicted s', number: true, cell: row => known(row.predictedSeconds, seconds, noPlan)},
      {label: 'Limit s', number: true, cell: row => known(row.limitSeconds, seconds, 'no limit is configured')},
      {label: 'p95 s', number: true, cell: row => known(row.p95Seconds, seconds, none)},
      {label: 'Executions', number: true, title: 'Complete ones in the window', cell: row => count(row.executions)},
      {label: 'Path time by model', wide: true, cell: row => partsBar(row.parts)},
    ],
  });
}

/** A bar of parts that add up to 1; said in words for those who do not see it. */
function partsBar(parts) {
  if (parts.length === 0) {
    return html`<span class="unknown" title="times are not known">–</span>`;
  }
  const said = parts.map(each => `${shownName(each.model).shown} ${percent(each.part)}`).join(', ');
  return html`<span class="parts" role="img" aria-label=${said} title=${said}>${parts.map(each => html`<span
      class=${partClass(each.model)} style=${styles({'flex-grow': String(each.part)})}></span>`)}</span>`;
}

function models(answer) {
  const rows = answer.models;
  if (rows.length === 0) {
    return empty('No models are described.');
  }
  const noEngine = row => row.external ? 'an API model: its engines are elsewhere' : 'no engine of it has been read';
  const noValue = row => row.external ? 'an API model is not planned' : 'no plan that serves has it';
  const pair = (measured, predicted, format, why, whyPredicted) => html`${known(measured, format, why)}<span class="beside"
    > / ${known(predicted, format, whyPredicted)}</span>`;
  return html`${table({
    caption: 'Models: measured / predicted',
    stack: true,
    key: row => row.model,
    rows,
    columns: [
      {label: 'Model', head: true, cell: row => html`<span>${model(row.model)}${row.external ? html` <small>external</small>` : nothing}${row.notes?.length
        ? html`<br><small>${row.notes.map(note => sentence(note))}</small>` : nothing}</span>`},
      {label: 'Replicas', number: true, cell: row => known(row.replicas, count, noValue(row))},
      {label: 'Running', number: true, title: 'Requests that engines compute', cell: row => known(row.running, count, noEngine(row))},
      {label: 'Waiting', number: true, title: 'Requests in queues of engines', cell: row => html`${row.waiting > 0 ? html`<strong>${count(row.waiting)}</strong>`
        : known(row.waiting, count, noEngine(row))}`},
      {label: 'Cache use', number: true, title: 'Of the KV cache', cell: row => meter(row.cacheUse, noEngine(row))},
      {label: 'Cache hits', number: true, title: 'Prompt tokens found in the prefix cache', cell: row => known(row.prefixCacheHitRate, percent, noEngine(row))},
      {label: 'Rate 1/s', number: true, cell: row => pair(row.measuredPerSecond, row.predictedPerSecond, rate, 'no calls were measured', noValue(row))},
      {label: 'Call s', number: true, cell: row => pair(row.measuredLatencySeconds, row.predictedLatencySeconds, seconds, 'no calls were measured', noValue(row))},
      {label: 'Utilisation', number: true, cell: row => html`${pair(row.measuredUtilisation, row.predictedUtilisation, percent, noEngine(row), noValue(row))}`},
    ],
  })}
  ${answer.engineTroubles?.length
    ? html`<details><summary>${counted(answer.engineTroubles.length, 'engine')} cannot be read</summary><ul>${answer.engineTroubles.map(
      each => html`<li>${sentence(typeof each === 'string' ? each : JSON.stringify(each))}</li>`)}</ul></details>`
    : nothing}`;
}

function meter(value, why) {
  return html`${known(value, percent, why)}${typeof value === 'number'
    ? html`<span class="meter" aria-hidden="true"><span style=${styles({width: `${Math.min(100, value * 100)}%`})}></span></span>`
    : nothing}`;
}
