// @ts-check
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {repeat} from '../lib/lit-html/directives/repeat.js';
import {look} from '../colors.js';
import {count, counted, duration, number, percent, shownName} from '../format.js';
import {model, name, styles} from '../ui.js';
import {bar, foldedAtFirst, pathSegments, rowsOf, ticks, visibleRows} from './waterfall-layout.js';
import {partClass, partLabel} from './shares.js';

const MOST_TICKS = 8;
const DEEPEST_INDENT = 12;
const SHORTEST_SHOWN = 0.0005;

/**
 * One execution's spans over time, with the critical path.
 *
 * @param {any} context
 * @param {any} execution
 */
export function createWaterfall(context, execution) {
  const total = execution.durationSeconds;
  const rows = rowsOf(execution.spans);
  const segments = pathSegments(execution.spans, total);
  const at = ticks(total, MOST_TICKS);
  const folded = foldedAtFirst(rows);

  function fold(row) {
    const id = row.span.spanId;
    if (!folded.delete(id)) {
      folded.add(id);
    }
    context.redraw();
  }

  function label(row) {
    const {span} = row;
    const closed = folded.has(span.spanId);
    return html`<span class="indent" style=${styles({'--depth': String(Math.min(row.depth, DEEPEST_INDENT))})}>${row.children > 0
      ? html`<button type="button" class="fold" aria-expanded=${closed ? 'false' : 'true'} title=${closed ? 'Unfold' : 'Fold'}
          @click=${() => fold(row)}><span aria-hidden="true">${closed ? '▸' : '▾'}</span><span class="unseen">${closed ? 'Unfold' : 'Fold'}</span></button>`
      : html`<span class="fold" aria-hidden="true"></span>`}<span class="what">${what(span)}${closed
      ? html` <small>${count(row.descendants)} below</small>` : nothing}${span.error ? html` <span class="tag bad">error</span>` : nothing}</span></span>`;
  }

  function row(row) {
    const {span} = row;
    const said = `${shownName(span.name).shown}: starts at ${duration(span.startSeconds)}, takes ${duration(span.durationSeconds)}`;
    return html`<tr class=${span.onCriticalPath ? 'on-path' : nothing}>
      <th scope="row">${label(row)}</th>
      <td class="number starts">${number(span.startSeconds < SHORTEST_SHOWN ? 0 : span.startSeconds)}</td>
      <td class="number takes">${number(span.durationSeconds)}</td>
      <td class="marks-path">${span.onCriticalPath ? 'path' : nothing}</td>
      <td class="line"><span class="lane">${grid(at, total)}<span class="bar ${barClass(span)}" title=${said}
          style=${styles(bar(span.startSeconds, span.durationSeconds, total))}></span>${span.backoffSeconds
        ? html`<span class="bar backoff" title="back-off before a retry, ${duration(span.backoffSeconds)}"
            style=${styles(bar(span.startSeconds, span.backoffSeconds, total))}></span>`
        : nothing}</span></td>
    </tr>`;
  }

  return {
    render: () => html`
      <div class="table-box waterfall" role="group" tabindex="0" aria-label="Waterfall">
      <table>
        <caption class="unseen">Spans over time; those marked path are on the critical path</caption>
        <thead><tr><th scope="col">Agent, call or tool</th><th scope="col" class="number starts">Start s</th><th scope="col" class="number takes">Takes s</th>
          <th scope="col" class="marks-path"><span class="unseen">Critical path</span></th>
          <th scope="col" class="line"><span class="unseen">Over time, seconds</span><span class="lane axis" aria-hidden="true">${at.map(each => html`<span
              class="tick" style=${styles({left: `${each / (total || 1) * 100}%`})}>${number(each)}</span>`)}</span></th></tr></thead>
        <tbody>
          <tr class="path-row"><th scope="row">Critical path</th><td class="number starts">0</td><td class="number takes">${number(total)}</td><td class="marks-path"></td>
            <td class="line"><span class="lane">${grid(at, total)}${segments.map(each => html`<span class="bar path-part ${partClass(each.part)}"
                title=${`${shownName(each.part === 'other' && each.span ? each.span.name : each.part).shown}: ${duration(each.durationSeconds)}`}
                style=${styles(bar(each.startSeconds, each.durationSeconds, total))}>${fits(each, total) ? letter(each.part) : nothing}</span>`)}</span></td></tr>
          ${repeat(visibleRows(rows, folded), each => each.span.spanId, row)}
        </tbody>
      </table></div>
      ${execution.spansLeftOut ? html`<p class="muted">${counted(execution.spansLeftOut, 'further span is', 'further spans are')} not kept.</p>` : nothing}`,
  };
}

function what(span) {
  if (span.model !== undefined) {
    const tokens = span.inputTokens !== undefined || span.outputTokens !== undefined
      ? html` <small>${span.inputTokens === undefined ? '–' : count(span.inputTokens)} → ${span.outputTokens === undefined ? '–' : count(span.outputTokens)} tokens</small>`
      : nothing;
    return html`${model(span.model)}${tokens}`;
  }
  const kind = html`<small class="kind">${span.kind}</small> `;
  return html`${kind}${name(span.agent ?? span.tool ?? span.name)}`;
}

function barClass(span) {
  const kind = span.model !== undefined ? look(span.model).className : `kind-${['agent', 'workflow', 'tool', 'retrieval'].includes(span.kind) ? span.kind : 'none'}`;
  return `${kind} ${span.onCriticalPath ? 'path-bar' : ''} ${span.error ? 'error-bar' : ''}`;
}

function grid(at, total) {
  return at.slice(1).map(each => html`<span class="gridline" style=${styles({left: `${each / (total || 1) * 100}%`})}></span>`);
}

function letter(part) {
  return part === 'other' ? 'o' : look(part).letter;
}

function fits(segment, total) {
  return segment.durationSeconds / total > 0.03;
}

/** Time by model on the path, as a bar with its legend. */
export function timeByModel(execution) {
  const parts = [...execution.models].sort((a, b) => b.pathSeconds - a.pathSeconds).map(each => ({part: each.model, seconds: each.pathSeconds}));
  parts.push({part: 'other', seconds: execution.otherSeconds});
  const total = execution.durationSeconds || 1;
  return html`<div class="parts tall" aria-hidden="true">${parts.map(each => html`<span class=${partClass(each.part)}
      style=${styles({'flex-grow': String(each.seconds / total)})}></span>`)}</div>
    <ul class="legend">${parts.map(each => html`<li>${partLabel(each.part)} <b>${duration(each.seconds)}</b> <span class="muted">${percent(
      each.seconds / total)}</span></li>`)}</ul>`;
}
