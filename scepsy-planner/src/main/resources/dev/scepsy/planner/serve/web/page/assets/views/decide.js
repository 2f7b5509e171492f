// @ts-check
// The dialogs in which people decide. Each shows what would move, takes a reason, and sends one decision however often it is clicked.
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {Problem} from '../api.js';
import {count, duration, number} from '../format.js';
import {model, name, sentence, time} from '../ui.js';
import {enginesOfCluster, enginesOfPlan} from './map-layout.js';
import {moves} from './map-moves.js';
import {allocationText, moveList} from './map-pair.js';

const MOST_MOVES_IN_A_DIALOG = 20;
const STATE_WORDS = {
  open: 'open',
  approved: 'approved',
  applying: 'being applied',
  verifying: 'being verified',
  kept: 'kept',
  rolledBack: 'rolled back',
  failed: 'failed',
  rejected: 'rejected',
  superseded: 'superseded',
  expired: 'expired',
};

/** @param {string} state of a proposal or plan */
export function stateWord(state) {
  return STATE_WORDS[state] ?? state;
}

/** @param {string} state */
export function stateBadge(state) {
  return html`<span class="badge state-${state}">${stateWord(state)}</span>`;
}

/**
 * @param {any} context
 * @param {'approve' | 'reject'} what
 * @param {() => any} proposal as it was last read
 * @param {import('./map-moves.js').Move[]} list
 * @param {(answer: any) => void} decided with the proposal as it is then
 * @param {() => void} reread the proposal is not what it was
 */
export function decideProposal(context, what, proposal, list, decided, reread) {
  const approve = what === 'approve';
  const id = proposal().id;
  context.dialog({
    title: approve ? 'Approve this plan?' : 'Reject this plan?',
    confirm: approve ? 'Approve' : 'Reject',
    danger: !approve,
    reason: true,
    // decided elsewhere meanwhile: the page knows by the event, often before the service has to refuse
    blocked: () => proposal().state !== 'open',
    body: () => html`
      ${proposal().state === 'open'
        ? html`<p>${approve
            ? 'These engines start, stop and move, step by step, no model below its floor:'
            : 'Nothing moves. What the plan would have moved, and what is not proposed again on the same evidence:'}</p>`
        : html`<p class="state problem" role="alert">This proposal is not open any more: it is ${stateWord(proposal().state)}.${lastDecision(proposal())}</p>`}
      ${moveList(list, MOST_MOVES_IN_A_DIALOG, true)}`,
    action: async ({reason, key}) => {
      const answer = await context.api.send('POST', `api/v1/proposals/${encodeURIComponent(id)}/${what}`, {reason}, {key});
      decided(answer);
    },
    done: approve ? 'The plan is approved.' : 'The plan is rejected.',
    refused: failure => {
      if (failure instanceof Problem && (failure.status === 409 || failure.status === 404)) {
        reread();
      }
    },
  });
}

/** @param {any} proposal */
function lastDecision(proposal) {
  const last = proposal.decisions[proposal.decisions.length - 1];
  return last ? html` Decided by ${name(last.by)}${last.reason ? html`: ${sentence(last.reason)}` : ''}` : nothing;
}

/**
 * Back to the plan before. What moves is read when the dialog opens, since it depends on what serves.
 *
 * @param {any} context
 * @param {(answer: any) => void} decided with the entry of the plan gone back to
 */
export function decideRollback(context, decided) {
  /** @type {{list?: import('./map-moves.js').Move[], text?: unknown, pushing?: boolean}} */
  let state = {};
  readRollback(context).then(
    read => {
      state = read;
      context.redraw();
    },
    failure => {
      state = {text: failure.message};
      context.redraw();
    });
  context.dialog({
    title: 'Go back to the plan before?',
    confirm: 'Go back',
    danger: true,
    reason: true,
    body: () => html`
      ${state.pushing
        ? html`<p>A push is under way. It stops at the next safe point, and what it has done is taken back.</p>`
        : html`<p>What serves is replaced by the plan that served before it, step by step.</p>`}
      ${state.list ? moveList(state.list, MOST_MOVES_IN_A_DIALOG, true) : html`<p class="muted">${state.text ?? 'Reading what would move…'}</p>`}`,
    action: async ({reason, key}) => {
      decided(await context.api.send('POST', 'api/v1/rollback', {reason}, {key}));
    },
    done: 'Going back to the plan before.',
  });
}

/** @param {any} context */
async function readRollback(context) {
  const [cluster, recent] = await Promise.all([context.api.get('api/v1/cluster'), context.api.get('api/v1/plans?limit=20')]);
  const now = enginesOfCluster(cluster).filter(engine => engine.found !== false);
  const serving = recent.plans.find(plan => plan.id === cluster.planEntry);
  // while a push runs, the plan that is left is the one that serves; else it is the one before that
  const target = cluster.push ? serving : recent.plans.find(plan => plan.id === serving?.previous);
  if (!target) {
    return {pushing: Boolean(cluster.push), text: 'The plan before is not among the plans of this service, so what would move is not known here.'};
  }
  return {pushing: Boolean(cluster.push), list: moves(now, enginesOfPlan(target.plan))};
}

/**
 * Plans now, from what serves now; a proposal comes of it, never a move.
 *
 * @param {any} context
 * @param {(proposal: any) => void} decided
 * @param {Record<string, number>} [targets] executions per second by workflow; else as configured and measured
 */
export function decidePlanNow(context, decided, targets) {
  context.dialog({
    title: 'Plan now?',
    confirm: 'Plan now',
    reason: true,
    body: () => html`<p>The service searches from what serves now. Where it finds a better plan, a proposal comes of it, in place of one that is open; nothing
      moves before somebody approves it.</p>
      ${targets
        ? html`<p>For these rates:</p><ul class="plain">${Object.entries(targets).map(([workflow, rate]) => html`<li>${name(workflow)}: ${number(rate)}/s</li>`)}</ul>`
        : nothing}`,
    action: async ({reason, key}) => {
      decided(await context.api.send('POST', 'api/v1/proposals', {targets, reason}, {key}));
    },
    done: 'There is a new proposal.',
  });
}

/**
 * @param {any} context
 * @param {string} of the model
 * @param {any} shape allocation that is served now, null: none
 * @param {string[]} gpuTypes of the cluster
 * @param {() => void} decided
 */
export function decidePin(context, of, shape, gpuTypes, decided) {
  const form = {
    asServed: shape !== null,
    gpu: shape?.gpu ?? '',
    gpuFraction: shape ? String(shape.gpuFraction) : '',
    tensorParallel: shape ? String(shape.tensorParallel) : '',
    replicas: shape ? String(shape.replicas) : '',
    until: '',
  };
  const affected = openMoves(context, of);
  const set = (key, value) => {
    form[key] = value;
    context.redraw();
  };
  const number = (key, label, attributes) => html`<label class="field">${label}
    <input type="number" min=${attributes.min} max=${attributes.max} step=${attributes.step} placeholder="free" .value=${form[key]}
      @input=${event => set(key, event.target.value)}></label>`;
  context.dialog({
    title: html`Pin ${model(of)}?`,
    confirm: 'Pin',
    reason: true,
    body: () => html`
      <p>Nothing moves now. Every plan from now on gives the model what the pin says.</p>
      <p>Served now: ${allocationText(shape)}.</p>
      ${affected()}
      <fieldset class="choices"><legend>Pin to</legend>
        <label class="check"><input type="radio" name="pin-to" .checked=${form.asServed} ?disabled=${shape === null}
          @change=${() => set('asServed', true)}> what is served now</label>
        <label class="check"><input type="radio" name="pin-to" .checked=${!form.asServed} @change=${() => set('asServed', false)}> this; what is left empty stays free</label>
        ${form.asServed
          ? nothing
          : html`<div class="fields">
              <label class="field">GPU type
                <select @change=${event => set('gpu', event.target.value)}>
                  <option value="" ?selected=${form.gpu === ''}>free</option>
                  ${gpuTypes.map(type => html`<option value=${type} ?selected=${form.gpu === type}>${name(type)}</option>`)}
                </select></label>
              ${number('gpuFraction', 'Fraction of each GPU', {min: 0.01, max: 1, step: 0.01})}
              ${number('tensorParallel', 'GPUs per replica', {min: 1, max: 1024, step: 1})}
              ${number('replicas', 'Replicas', {min: 1, max: 100000, step: 1})}
            </div>`}
      </fieldset>
      ${untilField(form, set)}`,
    blocked: () => !form.asServed && !form.gpu && !form.gpuFraction && !form.tensorParallel && !form.replicas,
    action: async ({reason, key}) => {
      const shapeWanted = form.asServed
        ? {}
        : {
            gpu: form.gpu || undefined,
            gpuFraction: optional(form.gpuFraction),
            tensorParallel: optional(form.tensorParallel),
            replicas: optional(form.replicas),
          };
      await context.api.send('PUT', pinAddress(of), {...shapeWanted, until: moment(form.until), reason}, {key});
      decided();
    },
    done: 'The model is pinned.',
  });
}

/** @param {any} context @param {any} pin @param {() => void} decided */
export function decideUnpin(context, pin, decided) {
  context.dialog({
    title: html`Take the pin of ${model(pin.model)} away?`,
    confirm: 'Unpin',
    reason: true,
    body: () => html`<p>Nothing moves now. Plans from now on may give the model another size and other places.</p>
      <p>Pinned to ${pinText(pin)}, by ${name(pin.by)}${pin.reason ? html`: ${sentence(pin.reason)}` : ''}</p>`,
    action: async ({reason, key}) => {
      await context.api.send('DELETE', pinAddress(pin.model), {reason}, {key});
      decided();
    },
    done: 'The pin is gone.',
  });
}

/** @param {any} context @param {() => void} decided */
export function decideFreeze(context, decided) {
  const form = {until: ''};
  const waiting = openMoves(context, null);
  const set = (key, value) => {
    form[key] = value;
    context.redraw();
  };
  context.dialog({
    title: 'Freeze the cluster?',
    confirm: 'Freeze',
    reason: true,
    body: () => html`<p>No plan is applied while the freeze holds; what is approved waits. A push that has begun goes on, and going back stays allowed.</p>
      ${waiting()} ${untilField(form, set)}`,
    action: async ({reason, key}) => {
      await context.api.send('PUT', 'api/v1/freeze', {until: moment(form.until), reason}, {key});
      decided();
    },
    done: 'The cluster is frozen.',
  });
}

/** @param {any} context @param {any} freeze @param {() => void} decided */
export function decideUnfreeze(context, freeze, decided) {
  const waiting = openMoves(context, null);
  context.dialog({
    title: 'End the freeze?',
    confirm: 'End the freeze',
    reason: true,
    body: () => html`<p>Plans are applied again; what was approved meanwhile begins at once.</p>
      <p>Frozen by ${name(freeze.by)}${freeze.reason ? html`: ${sentence(freeze.reason)}` : ''}</p>
      ${waiting()}`,
    action: async ({reason, key}) => {
      await context.api.send('DELETE', 'api/v1/freeze', {reason}, {key});
      decided();
    },
    done: 'The freeze has ended.',
  });
}

/**
 * @param {any} context
 * @param {string} node
 * @param {any[]} suspects on that node
 * @param {() => void} decided
 */
export function decideTrust(context, node, suspects, decided) {
  const waiting = openMoves(context, null);
  context.dialog({
    title: html`Trust the GPUs of ${name(node)} again?`,
    confirm: 'Trust again',
    reason: true,
    body: () => html`<p>Nothing moves now. The next plan may use them; where an engine is slow there again, they are left out again.</p>
      <ul class="plain">${suspects.map(each => html`<li>${suspectText(each)}</li>`)}</ul>
      ${waiting()}`,
    action: async ({reason, key}) => {
      await context.api.send('DELETE', `api/v1/suspects/${encodeURIComponent(node)}`, {reason}, {key});
      decided();
    },
    done: 'Plans may use the GPUs again.',
  });
}

/** Where an engine was slow, and how slow. @param {any} suspect */
export function suspectText(suspect) {
  const {node, gpus} = suspect;
  return html`${name(node)} ${gpus.length > 0 ? `GPU ${gpus.join(', ')}` : 'all GPUs, since nothing says which one the engine had'}: engine ${name(suspect.engine)} of
    ${model(suspect.model)} took ${duration(suspect.measuredSecondsPerToken)} for a token, ${duration(suspect.expectedSecondsPerToken)} expected, over
    ${count(suspect.requests)} requests, since ${time(suspect.since)}.${suspect.leftAt ? html` The last engine left at ${time(suspect.leftAt, suspect.since)}.` : ''}${
    suspect.nothingBetter ? html` ${sentence(suspect.nothingBetter)}` : ''}`;
}

/**
 * What the proposal that waits would move, of one model or of all: read when the dialog opens.
 *
 * @param {any} context
 * @param {?string} of the model; null: all
 * @returns {() => unknown} template
 */
function openMoves(context, of) {
  /** @type {unknown} */
  let said = html`<p class="muted">Looking for a proposal that waits…</p>`;
  Promise.all([context.api.get('api/v1/proposals?limit=10'), context.api.get('api/v1/cluster')]).then(
    ([answer, cluster]) => {
      const waiting = answer.proposals.find(each => each.state === 'open' || each.state === 'approved');
      const now = enginesOfCluster(cluster).filter(engine => engine.found !== false);
      const list = waiting ? moves(now, enginesOfPlan(waiting.plan)).filter(each => of === null || each.model === of) : [];
      said = !waiting
        ? html`<p class="muted">No proposal waits: nothing would move.</p>`
        : html`<p>The ${stateWord(waiting.state)} proposal would move${of === null ? '' : ' of this model'}:</p>${moveList(list, MOST_MOVES_IN_A_DIALOG, true)}`;
      context.redraw();
    },
    failure => {
      said = html`<p class="muted">What waits is not known: ${sentence(failure.message)}</p>`;
      context.redraw();
    });
  return () => said;
}

/** @param {any} pin */
export function pinText(pin) {
  const parts = [
    pin.replicas === undefined ? null : `${pin.replicas} ×`,
    pin.gpuFraction === undefined ? null : `fraction ${pin.gpuFraction}`,
    pin.tensorParallel === undefined ? null : `t = ${pin.tensorParallel}`,
  ].filter(each => each !== null);
  return html`${parts.join(' ')}${pin.gpu ? html`${parts.length ? ' on ' : ''}${name(pin.gpu)}` : ''}`;
}

/** @param {{until: string}} form @param {(key: string, value: string) => void} set */
function untilField(form, set) {
  return html`<label class="field">Until (optional, local time)
    <input type="datetime-local" .value=${form.until} @input=${event => set('until', event.target.value)}></label>`;
}

/** @param {string} of */
function pinAddress(of) {
  return `api/v1/pins/${encodeURIComponent(of)}`;
}

/** @param {string} text */
function optional(text) {
  return text === '' ? undefined : Number(text);
}

/** @param {string} local what a datetime-local input holds; empty: no end */
function moment(local) {
  return local ? new Date(local).toISOString() : undefined;
}
