// @ts-check
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {count, number, seconds, duration, shownName} from '../format.js';
import {empty, failed, loading, model, name, shown, styles, table, time} from '../ui.js';
import {createReading} from '../reading.js';
import {hashOf} from '../router.js';
import {createWaterfall, timeByModel} from './waterfall.js';
import {partClass} from './shares.js';

export const title = 'Executions';

/** Executions of one page of the list. */
const MOST_LISTED = 25;

/**
 * @param {any} context
 * @param {{id: string | null, query: Record<string, string>}} params
 */
export function open(context, params) {
  return params.id === null ? openList(context, params.query) : openOne(context, params.id);
}

function openList(context, query) {
  const workflows = createReading(context, 'api/v1/statistics', answer => answer.workflows.map(each => each.name).sort());
  let workflow = query.workflow ?? null;
  const before = query.before ?? null;
  /** @type {ReturnType<typeof createReading> | null} */
  let list = null;
  workflows.now();

  function readList() {
    const chosen = workflow ?? workflows.data?.[0];
    if (chosen !== undefined && chosen !== null && !list) {
      workflow = chosen;
      list = createReading(context, `api/v1/executions?workflow=${encodeURIComponent(chosen)}&limit=${MOST_LISTED}${before ? `&before=${encodeURIComponent(before)}` : ''}`);
      list.now();
    }
  }

  /** Rows do not move under a pointer or a focus. */
  function isUsed() {
    return document.querySelector('.executions .table-box:is(:hover, :focus-within)') !== null;
  }

  function choose(event) {
    context.go(hashOf('executions', null, {workflow: event.target.value}));
  }

  function page(answer) {
    const executions = answer.executions;
    if (executions.length === 0) {
      return empty(before ? 'There are no older executions that are kept.' : 'No execution of it is kept.');
    }
    const first = executions[0].end;
    const longest = executions.reduce((most, each) => Math.max(most, each.durationSeconds), 0);
    return html`${table({
      caption: before ? 'Older executions' : 'Recent executions, newest first',
      stack: true,
      rows: executions,
      key: each => each.id,
      columns: [
        {label: 'Ended', head: true, cell: each => html`<a href=${hashOf('executions', each.id)}>${time(each.end, each === executions[0] ? null : first)}</a>`},
        {label: 'Outcome', cell: each => each.outcome === 'ok' ? 'ok' : html`<span class="tag bad">${name(each.outcome)}</span>`},
        {label: 'Takes s', number: true, cell: each => seconds(each.durationSeconds)},
        {label: 'Calls', number: true, cell: each => count(each.models.reduce((sum, use) => sum + use.calls, 0))},
        {label: 'Spans', number: true, cell: each => count(each.spans.length + (each.spansLeftOut ?? 0))},
        {label: 'Path time by model', wide: true, cell: each => bars(each, longest)},
        {label: 'Trace', cell: each => traceLink(each)},
      ],
    })}
    <p class="row">${before ? html`<a href=${hashOf('executions', null, {workflow})}>Newest</a>` : nothing}
      ${executions.length === MOST_LISTED
        ? html`<a href=${hashOf('executions', null, {workflow, before: executions[executions.length - 1].id})}>Older</a>`
        : nothing}</p>`;
  }

  return {
    render() {
      readList();
      const names = workflows.data ?? [];
      const all = workflow !== null && !names.includes(workflow) ? [workflow, ...names] : names;
      if (all.length === 0) {
        return shown(workflows, 'workflows', () => empty('No execution has ended in the window yet.'));
      }
      return html`<p><label class="row">Workflow <select @change=${choose}>${all.map(
        each => html`<option value=${each} ?selected=${each === workflow}>${shownName(each).shown}</option>`)}</select></label></p>
        <section class="panel executions">${list ? shown(list, 'executions', page) : loading('executions')}</section>`;
    },
    changed(event) {
      if (event.type === 'gap') {
        workflows.refresh();
        list?.refresh();
      } else if ((event.type === 'tick' || event.type === 'statistics') && !before && !isUsed()) {
        list?.refresh();
      }
    },
    close() {
      workflows.close();
      list?.close();
    },
  };
}

/** How long it took, and on what: as wide as it took beside the longest of the page. */
function bars(execution, longest) {
  const parts = [...execution.models].sort((a, b) => b.pathSeconds - a.pathSeconds).map(use => ({part: use.model, seconds: use.pathSeconds}));
  parts.push({part: 'other', seconds: execution.otherSeconds});
  const said = parts.map(each => `${shownName(each.part).shown} ${duration(each.seconds)}`).join(', ');
  return html`<span class="parts" role="img" aria-label=${said} title=${said} style=${styles({width: `${execution.durationSeconds / (longest || 1) * 100}%`})}
      >${parts.map(each => html`<span class=${partClass(each.part)} style=${styles({'flex-grow': String(each.seconds)})}></span>`)}</span>`;
}

function openOne(context, id) {
  const reading = createReading(context, `api/v1/executions/${encodeURIComponent(id)}`, execution => ({
    execution,
    waterfall: createWaterfall(context, execution),
  }));
  reading.now();

  function body({execution, waterfall}) {
    return html`<section class="panel">
      <dl class="facts">
        <div><dt>Workflow</dt><dd><a href=${hashOf('executions', null, {workflow: execution.workflow})}>${name(execution.workflow)}</a></dd></div>
        ${execution.service ? html`<div><dt>Service</dt><dd>${name(execution.service)}</dd></div>` : nothing}
        <div><dt>Began</dt><dd>${time(execution.start)}</dd></div>
        <div><dt>Took</dt><dd>${duration(execution.durationSeconds)}</dd></div>
        <div><dt>Outcome</dt><dd>${execution.outcome === 'ok' ? 'ok' : html`<span class="tag bad">${name(execution.outcome)}</span>`}</dd></div>
        <div><dt>Trace</dt><dd>${traceLink(execution, execution.traceId)}</dd></div>
      </dl>
      <h2>Time by model on the critical path</h2>
      ${timeByModel(execution)}
    </section>
    <section class="panel"><h2>Waterfall</h2>${waterfall.render()}
      <p class="muted">Only names, kinds, times and token counts are kept of a span; never what was said.</p></section>
    <section class="panel">${table({
      caption: 'Models',
      stack: true,
      rows: execution.models,
      key: each => each.model,
      columns: [
        {label: 'Model', head: true, cell: each => model(each.model)},
        {label: 'Calls', number: true, cell: each => count(each.calls)},
        {label: 'On the path s', number: true, cell: each => number(each.pathSeconds)},
        {label: 'All calls s', number: true, title: 'Summed durations; calls at the same time count each', cell: each => number(each.callSeconds)},
      ],
    })}</section>`;
  }

  return {
    heading: () => reading.data ? html`Execution of ${name(reading.data.execution.workflow)}` : 'Execution',
    render: () => html`<p><a href=${hashOf('executions', null, reading.data ? {workflow: reading.data.execution.workflow} : {})}>All executions</a></p>
      ${reading.data ? body(reading.data) : reading.failure ? failed(reading.failure, 'the execution') : loading('the execution')}`,
    /** An execution that has ended does not change. */
    changed(event) {
      if (event.type === 'gap' && !reading.data) {
        reading.refresh();
      }
    },
    close: () => reading.close(),
  };
}

/** To the same trace in another tool; only http and https are followed, whatever is configured. */
function traceLink(execution, otherwise) {
  const link = execution.traceLink;
  const id = otherwise ? html`<code>${otherwise}</code>` : html`<span class="unknown" title="web.traceLink is not configured">–</span>`;
  return typeof link === 'string' && /^https?:\/\//.test(link)
    ? html`<a href=${link} target="_blank" rel="noopener noreferrer">${otherwise ? html`<code>${otherwise}</code>` : 'open'}<span class="unseen"> in the tracing tool</span></a>`
    : id;
}
