// @ts-check
// Predicted beside measured, drawn.
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {count, number, percent, rate, seconds} from '../format.js';
import {known, model, name, sentence, styles, table, time} from '../ui.js';
import {VERDICTS, modelRows, workflowRows} from './scorecard.js';

const NOT_MEASURED = 'Nothing was measured.';
const NOT_PREDICTED = 'The plan predicts nothing.';

/** @param {string | undefined} verdict */
export function verdictBadge(verdict) {
  if (!verdict) {
    return nothing;
  }
  const tone = verdict === 'worse' ? 'bad' : verdict === 'notEnoughData' ? '' : 'good';
  return html`<span class="tag ${tone}">${VERDICTS[verdict] ?? verdict}</span>`;
}

/** How far off, with its sign. @param {?number} off */
export function offText(off) {
  return off === null ? '–' : `${off > 0 ? '+' : ''}${percent(off)}`;
}

/** @param {any} scorecard */
export function scorecardPanel(scorecard) {
  const workflows = workflowRows(scorecard);
  const longest = Math.max(0, ...workflows.flatMap(row => [row.predicted ?? 0, row.measured ?? 0, row.before ?? 0]));
  const models = modelRows(scorecard);
  return html`<section class="panel scorecard" aria-labelledby="scorecard-title">
    <div class="panel-head"><h2 id="scorecard-title">Scorecard</h2>${verdictBadge(scorecard.verdict)}</div>
    <p>${sentence(scorecard.sentence)} <span class="muted">Measured from ${time(scorecard.from)} to ${time(scorecard.to, scorecard.from)}.</span></p>
    ${table({
      caption: 'Workflows, predicted beside measured',
      stack: true,
      rows: workflows,
      key: row => row.workflow,
      columns: [
        {label: 'Workflow', head: true, cell: row => name(row.workflow)},
        {label: 'Executions', number: true, cell: row => count(row.executions)},
        {label: 'Latency predicted, s', number: true, cell: row => known(row.predicted, seconds, NOT_PREDICTED)},
        {label: 'Measured, s', number: true, cell: row => known(row.measured, seconds, NOT_MEASURED)},
        {label: 'Off', number: true, title: '(measured − predicted) / predicted', cell: row => offText(row.off)},
        {label: 'Before the move, s', number: true, cell: row => known(row.before, seconds, NOT_MEASURED)},
        {label: 'Predicted above measured', cell: row => bars(row, longest)},
        {label: 'Target, 1/s', number: true, cell: row => known(row.target, number, 'No target.')},
        {label: 'Measured, 1/s', number: true, cell: row => known(row.rate, rate, NOT_MEASURED)},
      ],
    })}
    ${models.length > 0
      ? table({
          caption: 'Models, predicted beside measured',
          stack: true,
          rows: models,
          key: row => row.model,
          columns: [
            {label: 'Model', head: true, cell: row => model(row.model)},
            {label: 'A call predicted, s', number: true, cell: row => known(row.predictedCall, seconds, NOT_PREDICTED)},
            {label: 'Measured, s', number: true, cell: row => known(row.measuredCall, seconds, NOT_MEASURED)},
            {label: 'Off', number: true, title: '(measured − predicted) / predicted', cell: row => offText(row.off)},
            {label: 'Utilisation predicted', number: true, cell: row => known(row.predictedUse, percent, NOT_PREDICTED)},
            {label: 'Measured', number: true, cell: row => known(row.measuredUse, percent, NOT_MEASURED)},
          ],
        })
      : nothing}
  </section>`;
}

/** Both on one scale; the numbers stand beside, so the bars say nothing to screen readers. @param {any} row @param {number} longest */
function bars(row, longest) {
  const width = value => styles({width: longest > 0 && value !== null ? `${(100 * value) / longest}%` : '0'});
  return html`<span class="two-bars" aria-hidden="true"><i class="bar-predicted" style=${width(row.predicted)}></i><i class="bar-measured" style=${width(row.measured)}></i></span>`;
}
