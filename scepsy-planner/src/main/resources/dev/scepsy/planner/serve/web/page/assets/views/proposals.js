// @ts-check
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {percent, time as timeText} from '../format.js';
import {createReading} from '../reading.js';
import {hashOf} from '../router.js';
import {empty, name, operatorButton, shown, table, time} from '../ui.js';
import {decidePlanNow, stateBadge} from './decide.js';
import {longText} from './long-text.js';
import {openProposal} from './proposal.js';

export const title = 'Proposals';

const MOST_LISTED = 100;

/** @param {any} context @param {{id: string | null}} params */
export function open(context, params) {
  return params.id === null ? openList(context) : openProposal(context, params.id);
}

/** @param {any} context */
function openList(context) {
  const reading = createReading(context, `api/v1/proposals?limit=${MOST_LISTED}`, answer => answer.proposals);
  reading.now();
  return {
    render: () => html`
      <div class="row">${operatorButton({
        label: 'Plan now…',
        session: context.session,
        click: () => decidePlanNow(context, made => context.go(hashOf('proposals', made.id))),
      })}
        <a href=${hashOf('whatif')}>What if…</a></div>
      ${shown(reading, 'proposals', list => list.length === 0
        ? empty('No proposals yet. The service makes one when it notices a change and knows a better plan; or plan now.')
        : html`<section class="panel">${proposalTable(list)}</section>`)}`,
    changed(event) {
      if (event.type === 'proposal' || event.type === 'gap' || event.type === 'tick') {
        reading.refresh();
      }
    },
    close: () => reading.close(),
  };
}

/** @param {any[]} list */
function proposalTable(list) {
  return table({
    caption: list.length === MOST_LISTED ? `The ${MOST_LISTED} newest proposals` : 'Proposals, newest first',
    stack: true,
    rows: list,
    key: each => each.id,
    rowClass: each => (each.state === 'open' ? 'wants-decision' : ''),
    columns: [
      {label: 'Made', head: true, cell: each => html`<a href=${hashOf('proposals', each.id)} title=${each.id}>${timeText(each.createdAt)}</a>`},
      {label: 'State', cell: each => stateBadge(each.state)},
      {label: 'Why', cell: each => why(each)},
      {label: 'Latency less', number: true, title: 'Predicted, mean over workflows', cell: gainText},
      {label: 'Starts and stops', number: true, cell: each => each.cost.moves},
      {label: 'Last decision', cell: each => lastDecision(each)},
    ],
  });
}

/** @param {any} proposal */
function why(proposal) {
  const [first, ...others] = proposal.triggers;
  return first
    ? html`${longText(first.sentence)}${others.length > 0 ? html` <small>and ${others.length} more</small>` : ''}`
    : html`<span class="muted">not said</span>`;
}

/** What serves now may not hold the targets at all: then there is no percentage to speak of. @param {any} proposal */
export function gainText(proposal) {
  return proposal.gain.latencySecondsBefore === undefined || proposal.gain.latencySecondsBefore === null
    ? html`<span title="What serves cannot hold the targets.">holds the targets</span>`
    : percent(proposal.gain.relative);
}

/** @param {any} proposal */
function lastDecision(proposal) {
  const last = proposal.decisions[proposal.decisions.length - 1];
  return last
    ? html`${last.what} by ${name(last.by)} <small>${time(last.at, proposal.createdAt)}</small>${last.reason ? html`<br><small>${longText(last.reason)}</small>` : ''}`
    : html`<span class="muted">none</span>`;
}
