// @ts-check
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {time as timeText} from '../format.js';
import {createReading} from '../reading.js';
import {hashOf} from '../router.js';
import {empty, failed, model, name, operatorButton, shown, table, time} from '../ui.js';
import {decideRollback, stateBadge} from './decide.js';
import {longText} from './long-text.js';
import {openPlan} from './plan.js';
import {PLAN_KINDS, decisions, furthestOff} from './scorecard.js';
import {offText, verdictBadge} from './scorecard-panel.js';

export const title = 'History';

const MOST_LISTED = 100;
const FIRST_DECISIONS = 30;
const EVENTS = new Set(['gap', 'tick', 'proposal', 'scorecard', 'service', 'pin', 'freeze']);

/** @param {any} context @param {{id: string | null}} params */
export function open(context, params) {
  return params.id === null ? openList(context) : openPlan(context, params.id);
}

/** @param {any} context */
function openList(context) {
  let allDecisions = false;
  const plans = createReading(context, `api/v1/plans?limit=${MOST_LISTED}`);
  const proposals = createReading(context, `api/v1/proposals?limit=${MOST_LISTED}`);
  plans.now();
  proposals.now();
  return {
    render: () => html`
      <div class="row">${operatorButton({
        label: 'Go back to the plan before…',
        session: context.session,
        off: plans.data?.plans.length === 0 ? 'No plan was applied yet.' : '',
        click: () => decideRollback(context, made => context.go(hashOf('history', made.id))),
      })}</div>
      ${shown(plans, 'plans', data => data.plans.length === 0
        ? empty('No plan was applied yet, and none was found serving.')
        : html`<section class="panel">${planTable(data.plans, Boolean(context.session?.readOnly))}</section>`)}
      ${plans.data && proposals.data ? decided(proposals.data.proposals, plans.data, allDecisions, () => {
        allDecisions = true;
        context.redraw();
      }) : proposals.failure && !proposals.data && plans.data ? failed(proposals.failure, 'Proposals') : nothing}`,
    changed(event) {
      if (EVENTS.has(event.type)) {
        plans.refresh();
        proposals.refresh();
      }
    },
    close() {
      plans.close();
      proposals.close();
    },
  };
}

/** @param {any[]} list @param {boolean} files what files say was never seen serving */
function planTable(list, files) {
  return table({
    caption: list.length === MOST_LISTED ? `The ${MOST_LISTED} newest plans` : 'Plans, newest first',
    stack: true,
    rows: list,
    key: each => each.id,
    columns: [
      {label: 'Begun', head: true, cell: each => html`<a href=${hashOf('history', each.id)} title=${each.id}>${timeText(each.startedAt)}</a>`},
      {label: 'State', cell: each => (files && each.kind === 'found' ? html`<span class="muted">not known</span>` : stateBadge(each.state))},
      {label: 'How', cell: each => (files && each.kind === 'found' ? 'from a file' : PLAN_KINDS[each.kind] ?? each.kind)},
      {label: 'By', cell: each => html`<span class="who-decided">${name(each.by)}</span>`},
      {label: 'Why', cell: each => (each.reason ? longText(each.reason) : html`<span class="muted">not said</span>`)},
      {label: 'Scorecard', cell: each => verdict(each)},
    ],
  });
}

/** @param {any} plan */
function verdict(plan) {
  if (!plan.scorecard) {
    return html`<span class="muted">${plan.state === 'verifying' ? 'being verified' : 'none'}</span>`;
  }
  const most = furthestOff(plan.scorecard);
  return html`${verdictBadge(plan.scorecard.verdict)}${most
    ? html` <small title="(measured − predicted) / predicted, of the workflow that is furthest off">${name(most.workflow)} ${offText(most.off)}</small>`
    : nothing}`;
}

/** @param {any[]} proposals @param {any} plans answer @param {boolean} all @param {() => void} showAll */
function decided(proposals, plans, all, showAll) {
  const list = decisions(proposals, plans.plans, plans.decisions ?? []);
  const some = all ? list : list.slice(0, FIRST_DECISIONS);
  if (list.length === 0) {
    return nothing;
  }
  return html`<section class="panel">
    ${table({
      caption: 'Who decided what, and why',
      stack: true,
      rows: some,
      key: each => each.key,
      columns: [
        {label: 'When', head: true, cell: each => time(each.at)},
        {label: 'What', cell: each => html`${each.what}${each.model ? html` ${model(each.model)}` : ''}`},
        {label: 'Who', cell: each => html`<span class="who-decided">${name(each.by)}</span>`},
        {label: 'Why', cell: each => (each.reason ? longText(each.reason) : html`<span class="muted">not said</span>`)},
        {label: 'Of', cell: each => of(each)},
      ],
    })}
    ${list.length > some.length ? html`<button type="button" @click=${showAll}>All ${list.length} decisions</button>` : nothing}
  </section>`;
}

/** @param {any} decision */
function of(decision) {
  if (decision.proposal) {
    return html`<a href=${hashOf('proposals', decision.proposal)}>proposal ${name(decision.proposal)}</a>`;
  }
  return decision.plan ? html`<a href=${hashOf('history', decision.plan)}>plan ${name(decision.plan)}</a>` : nothing;
}
