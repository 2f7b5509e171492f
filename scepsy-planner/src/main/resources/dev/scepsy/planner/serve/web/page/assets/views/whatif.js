// @ts-check
// What if: controls on one side, the plan that would come of them on the other. Nothing is recorded, and nothing moves.
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {Lost} from '../api.js';
import {count, duration, number, percent, rate, seconds} from '../format.js';
import {createReading} from '../reading.js';
import {hashOf} from '../router.js';
import {empty, failed, known, loading, model, name, operatorButton, problem, sentence, table} from '../ui.js';
import {decidePlanNow} from './decide.js';
import {enginesOfCluster, enginesOfPlan, resized} from './map-layout.js';
import {allocationText, comparison, mapPair} from './map-pair.js';
import {newest} from './newest.js';
import {createPieces} from './pieces.js';
import {interval} from './proposal.js';
import {slowly} from './slowly.js';
import {allocationRows, certainty, described, isChanged, noChanges, predictionRows, question} from './whatif-body.js';
import {controls} from './whatif-controls.js';

export const title = 'What if';

const NOTHING_CHANGED = new Map();
/** Events after which the same question may have another answer. */
const CHANGES = new Set(['pin', 'scorecard', 'service']);

/** @param {any} context */
export function open(context) {
  const narrow = matchMedia('(width <= 60rem)').matches;
  const given = {
    changes: noChanges(),
    workflows: /** @type {any[]} */ ([]),
    nodes: /** @type {any[]} */ ([]),
    models: /** @type {string[]} */ ([]),
    filters: {},
    closed: narrow ? ['limits', 'gpus', 'models'] : [],
  };
  /** @type {{now: any, answer: any, asked: any, failure: unknown, asking: boolean, outdated: boolean, allNodes: boolean}} */
  const state = {now: null, answer: null, asked: null, failure: null, asking: false, outdated: false, allNodes: false};
  /** @type {{answer: any, cluster: any, compared: ReturnType<typeof comparison>} | null} */
  let kept = null;

  const pieces = createPieces(context.redraw);
  const cluster = createReading(context, 'api/v1/cluster', answer => ({
    ...answer,
    running: enginesOfCluster(answer).filter(engine => engine.found !== false),
  }));
  const send = (body, signal) => context.api.send('POST', 'api/v1/proposals', body, {signal});

  /** How it is now, as the service itself would plan it: what every answer is held against. */
  let knowingNow = Promise.resolve();
  function askNow() {
    state.outdated = false;
    const cut = new AbortController();
    closing = () => cut.abort();
    knowingNow = send({whatIf: {}}, cut.signal).then(
      answer => {
        state.now = answer;
        state.failure = null;
        context.redraw();
      },
      failure => {
        if (!cut.signal.aborted) {
          state.failure = failure;
          context.redraw();
        }
      });
    return knowingNow;
  }
  let closing = () => {};

  const asker = newest(
    async (asked, signal) => {
      await knowingNow; // the service answers one question of a session at a time, and the newer one ends the older
      return send(asked.body, signal);
    },
    {
      asking() {
        state.asking = true;
        context.redraw();
      },
      answered(answer, asked) {
        Object.assign(state, {answer, asked, failure: null, asking: false});
        context.announce(spoken(answer, state.now));
        context.redraw();
      },
      failed(failure) {
        Object.assign(state, {failure, asking: false});
        context.announce(failure.message);
        context.redraw();
      },
    });

  function changed() {
    state.failure = null;
    if (isChanged(given.changes)) {
      const body = question(given.changes, nowPerSecond());
      asker.soon({body, said: described(given.changes), gpus: new Map(given.changes.gpus), targets: body.whatIf.targets ?? {}});
    } else {
      asker.stop();
      Object.assign(state, {answer: null, asked: null, asking: false});
    }
    context.redraw();
  }

  function nowPerSecond() {
    return new Map((state.now?.plan.predictions ?? []).map(each => [each.workflow, each.targetPerSecond]));
  }

  function compared() {
    const answer = state.answer ?? state.now;
    if (!kept || kept.answer !== answer || kept.cluster !== cluster.data) {
      const nodes = cluster.data?.nodes ?? [];
      const gpus = state.asked && answer === state.answer ? state.asked.gpus : NOTHING_CHANGED;
      kept = {answer, cluster: cluster.data, compared: comparison(nodes, cluster.data?.running ?? [], enginesOfPlan(answer?.plan), resized(nodes, gpus))};
    }
    return kept.compared;
  }

  cluster.now();
  const look = slowly(() => cluster.refresh());
  if (!context.session?.readOnly) {
    askNow();
  }

  return {
    render() {
      if (context.session?.readOnly) {
        return empty(html`These are files: nothing answers here. <code>scepsy plan</code> plans from files, and <code>scepsy serve</code> answers what if.`);
      }
      if (!state.now) {
        return state.failure ? failed(state.failure, 'What if') : loading('how it is now');
      }
      Object.assign(given, inputs(state.now, cluster.data, context.models?.data));
      return html`<p class="muted">Move something: the service plans for it, and shows what would be different. Nothing is recorded, and nothing moves.</p>
        <div class="whatif">
          <p class="whatif-summary" aria-hidden="true">${
            state.asking ? 'Planning…' : state.failure ? 'No answer; see below.' : spoken(state.answer ?? state.now, state.answer ? state.now : null)}</p>
          <section class="panel whatif-controls" aria-label="What would be otherwise">
            <div class="panel-head"><h2>What would be otherwise</h2>
              <button type="button" ?disabled=${!isChanged(given.changes)} @click=${() => {
                given.changes = noChanges();
                changed();
              }}>All as now</button></div>
            ${controls(given, changed, context.redraw)}
          </section>
          <div class="whatif-answer" aria-busy=${state.asking ? 'true' : 'false'}>
            ${answerPanel(context, state, given, () => askNow().then(changed))}
            ${state.answer && !state.answer.feasible
              ? nothing
              : html`${predictions(state, given)}
                  <section class="panel" aria-labelledby="whatif-map-title"><h2 id="whatif-map-title">What would move</h2>
                    ${cluster.data
                      ? mapPair(compared(), {
                          before: 'What runs',
                          after: state.answer ? 'What if' : 'The best plan now',
                          allNodes: state.allNodes,
                          pieces,
                          toggle: () => {
                            state.allNodes = !state.allNodes;
                            context.redraw();
                          },
                        })
                      : loading('the cluster')}
                  </section>
                  ${sizes(state)}`}
          </div>
        </div>`;
    },
    changed(event) {
      if (event.type === 'gap' && !context.session?.readOnly) {
        // what was asked while the service could not be reached is asked again
        if (state.now === null) {
          askNow();
        } else if (state.failure instanceof Lost) {
          changed();
        }
      }
      if (event.type === 'gap' || event.type === 'tick' || CHANGES.has(event.type)) {
        cluster.refresh();
      } else if (event.type === 'statistics') {
        look();
      }
      if (CHANGES.has(event.type) && state.now !== null) {
        state.outdated = true;
        context.redraw();
      }
    },
    close() {
      asker.stop();
      closing();
      cluster.close();
      pieces.close();
    },
  };
}

/** What the controls start from. @param {any} now @param {any} cluster @param {any} models */
function inputs(now, cluster, models) {
  const limits = new Map((cluster?.loop?.workflows ?? []).map(each => [each.workflow, each.latencyLimitSeconds ?? null]));
  const predicted = new Map((now.plan.predictions ?? []).map(each => [each.workflow, each]));
  const described = models?.models ?? models ?? [];
  const hosted = described.filter(each => !each.external).map(each => each.model);
  return {
    workflows: [...predicted.values()].map(each => ({
      workflow: each.workflow,
      target: each.targetPerSecond ?? null,
      limit: limits.get(each.workflow) ?? null,
      latency: each.latencySeconds ?? null,
    })),
    nodes: (cluster?.nodes ?? []).filter(node => node.usable !== false),
    models: hosted.length > 0 ? hosted : (now.plan.allocations ?? []).map(each => each.model),
  };
}

/** @param {any} context @param {any} state @param {any} given @param {() => void} again */
function answerPanel(context, state, given, again) {
  const {answer, failure, asking} = state;
  const shown = answer ?? state.now;
  return html`<section class="panel" aria-labelledby="answer-title">
    <div class="panel-head">
      <h2 id="answer-title">${answer ? 'Then' : 'As it is now'}</h2>
      <span class="whatif-asking ${asking ? '' : 'unseen'}">${asking ? 'Planning…' : ''}</span>
    </div>
    ${state.asked && answer
      ? html`<ul class="chips">${state.asked.said.map(each => html`<li class="tag">${each.text} ${each.subject === null ? nothing : name(each.subject)} ${each.rest}</li>`)}</ul>`
      : nothing}
    ${failure ? problem(failure) : nothing}
    ${state.outdated
      ? html`<p class="state stale">The cluster or what is asked of it has changed since. <button type="button" @click=${again}>Ask again</button></p>`
      : nothing}
    <p><span class="tag ${shown.feasible ? (shown.proven ? 'good' : 'warn') : 'bad'}">${shown.feasible ? 'feasible' : 'infeasible'}</span>
      ${certainty(shown)} <span class="muted">Searched for ${duration(shown.seconds)}.</span></p>
    ${shown.feasible ? figures(shown.plan, answer ? state.now.plan : null) : reasons(shown.plan)}
    ${answer?.feasible && onlyRates(given.changes)
      ? operatorButton({
          label: 'Plan now for these rates…',
          session: context.session,
          click: () => decidePlanNow(context, made => context.go(hashOf('proposals', made.id)), state.asked.targets),
        })
      : nothing}
  </section>`;
}

/** Rates are all of a what-if that can be planned for. @param {import('./whatif-body.js').Changes} changes */
function onlyRates(changes) {
  return changes.limits.size === 0 && changes.gpus.size === 0 && changes.without.size === 0 && changes.faster.size === 0;
}

/** @param {any} plan @param {any} now */
function figures(plan, now) {
  const beside = (key, format) => html`${now && Number.isFinite(now[key]) ? html`${format(now[key])} → ` : nothing}${format(plan[key])}`;
  return html`<dl class="facts">
    <div><dt>Mean latency</dt><dd>${beside('objectiveSeconds', duration)}${now ? html` <span class="muted">${change(now.objectiveSeconds, plan.objectiveSeconds)}</span>` : nothing}</dd></div>
    <div><dt>GPUs used</dt><dd>${beside('gpusUsed', number)}</dd></div>
    <div><dt>Largest free group</dt><dd>${beside('largestFreeGroup', count)}</dd></div>
  </dl>`;
}

/** @param {number} before @param {number} after */
function change(before, after) {
  if (!(before > 0) || !Number.isFinite(after)) {
    return '';
  }
  const relative = (after - before) / before;
  return Math.abs(relative) < 0.0005 ? '(the same)' : `(${relative > 0 ? '+' : ''}${percent(relative)})`;
}

/** @param {any} plan that is none */
function reasons(plan) {
  const scale = plan.highestCommonScale;
  return html`<div class="whatif-reasons">
    <h3>Why not</h3>
    <ul class="plain">${(plan.infeasible ?? []).map(each => html`<li>${sentence(each.message)}</li>`)}</ul>
    ${scale === undefined
      ? nothing
      : html`<p>${scale === null ? 'Nothing can be placed at any load.' : html`All rates times <b>${number(scale)}</b> would fit.`}</p>`}
    ${(plan.remedies ?? []).length > 0
      ? html`<h3>What would help</h3><ul class="plain">${plan.remedies.map(each => html`<li>${sentence(each.message)}</li>`)}</ul>`
      : nothing}
  </div>`;
}

/** @param {any} state @param {any} given */
function predictions(state, given) {
  const then = state.answer ? state.answer.plan : null;
  const rows = predictionRows(state.now.plan, then ?? state.now.plan);
  const limits = new Map(given.workflows.map(each => [each.workflow, given.changes.limits.get(each.workflow) ?? each.limit]));
  const overloaded = 'Overloaded: a model of it receives more than it can take.';
  const unbounded = 'Nothing bounds it.';
  const two = Boolean(then);
  return html`<section class="panel">${table({
    caption: two ? 'Workflows, now and then' : 'Workflows, as the best plan now would serve them',
    stack: true,
    rows,
    key: row => row.workflow,
    columns: [
      {label: 'Workflow', head: true, cell: row => name(row.workflow)},
      {label: 'Rate, 1/s', number: true, cell: row => arrow(two, row, 'targetPerSecond', number, 'Not known.')},
      {label: 'Latency, s', number: true, cell: row => html`${arrow(two, row, 'latencySeconds', seconds, overloaded)}${interval(row.then?.latencyInterval95Seconds ?? null, seconds)}`},
      {label: 'Limit, s', number: true, cell: row => known(limits.get(row.workflow), seconds, 'No limit that is known here.')},
      {label: 'Most, 1/s', number: true, title: 'Highest rate, the other workflows at their targets', cell: row => arrow(two, row, 'maxThroughputPerSecond', rate, unbounded)},
      {label: 'Set by', cell: row => (row.then?.bottleneck ? model(row.then.bottleneck) : html`<span class="muted">nothing</span>`)},
    ],
  })}</section>`;
}

/** `now → then` where both are known and differ. */
function arrow(two, row, key, format, reason) {
  const then = known(row.then?.[key], format, reason);
  if (!two || !row.now || row.now[key] === row.then?.[key]) {
    return then;
  }
  return html`<span class="muted">${known(row.now[key], format, reason)} →</span> ${then}`;
}

/** @param {any} state */
function sizes(state) {
  if (!state.answer) {
    return nothing;
  }
  const rows = allocationRows(state.now.plan, state.answer.plan).filter(row => row.differs);
  return html`<section class="panel">${rows.length === 0
    ? html`<h2>Sizes</h2><p class="muted">The best plan gives every model the same as now.</p>`
    : table({
        caption: 'Sizes that would differ from the best plan now',
        stack: true,
        rows,
        key: row => row.model,
        columns: [
          {label: 'Model', head: true, cell: row => model(row.model)},
          {label: 'Best now', cell: row => allocationText(row.now)},
          {label: 'Then', cell: row => allocationText(row.then)},
        ],
      })}</section>`;
}

/** For those who do not see the numbers change. @param {any} answer @param {any} now */
function spoken(answer, now) {
  if (!answer.feasible) {
    return `Infeasible. ${answer.plan.infeasible?.[0]?.message ?? ''}`;
  }
  const before = now?.plan.objectiveSeconds;
  const from = Number.isFinite(before) ? ` instead of ${duration(before)}` : '';
  return `Feasible${answer.proven ? '' : ', not proven the best'}: mean latency ${duration(answer.plan.objectiveSeconds)}${from}, ${number(answer.plan.gpusUsed)} GPUs used.`;
}
