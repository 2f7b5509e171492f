// @ts-check
// From what the controls say to the question that the service is asked, and from its answer to rows. Pure: plain data in and out.
// Names are anybody's, so they are keys of maps, never of plain objects.

/** The service's own bounds. */
export const MOST_GPUS = 1024;
export const LARGEST_RATE = 1e9;

/**
 * What the controls change; what is not in a map is as it is now.
 *
 * @typedef {object} Changes
 * @property {number} allRates factor on the rates of workflows without a rate of their own here
 * @property {Map<string, number>} targets executions per second by workflow
 * @property {Map<string, number>} limits seconds by workflow
 * @property {Map<string, number>} gpus by node; 0 takes the node away
 * @property {Set<string>} without models that are not self-hosted any more
 * @property {Map<string, number>} faster factor on the speed by model
 */

/** @returns {Changes} that change nothing */
export function noChanges() {
  return {allRates: 1, targets: new Map(), limits: new Map(), gpus: new Map(), without: new Set(), faster: new Map()};
}

/** @param {Changes} changes */
export function isChanged(changes) {
  return (
    changes.allRates !== 1 ||
    changes.targets.size > 0 ||
    changes.limits.size > 0 ||
    changes.gpus.size > 0 ||
    changes.without.size > 0 ||
    changes.faster.size > 0
  );
}

/**
 * The body of the request: only what differs from now, so that everything else stays what the service takes it to be.
 *
 * @param {Changes} changes
 * @param {Map<string, number>} nowPerSecond targets as the service has them now, by workflow
 * @returns {{whatIf: object}}
 */
export function question(changes, nowPerSecond) {
  const targets = new Map(changes.targets);
  if (changes.allRates !== 1) {
    for (const [workflow, rate] of nowPerSecond) {
      if (!targets.has(workflow)) {
        targets.set(workflow, Math.min(LARGEST_RATE, tidy(rate * changes.allRates)));
      }
    }
  }
  const asked = {};
  put(asked, 'targets', targets);
  put(asked, 'limits', changes.limits);
  put(asked, 'gpus', changes.gpus);
  if (changes.without.size > 0) {
    asked.without = [...changes.without];
  }
  // A model that is not served any more has no speed to change.
  put(asked, 'faster', new Map([...changes.faster].filter(([model]) => !changes.without.has(model))));
  return {whatIf: asked};
}

function put(asked, key, map) {
  if (map.size > 0) {
    asked[key] = Object.fromEntries(map);
  }
}

/** Products of decimals as people would write them. */
function tidy(value) {
  return Number(value.toPrecision(12));
}

/**
 * The changes as words, for people who do not see the sliders move.
 *
 * @param {Changes} changes
 * @returns {{text: string, subject: ?string, rest: string}[]} the subject, a name, is apart from the words around it
 */
export function described(changes) {
  const said = [];
  if (changes.allRates !== 1) {
    said.push({text: 'all rates', subject: null, rest: `× ${tidy(changes.allRates)}`});
  }
  changes.targets.forEach((rate, workflow) => said.push({text: 'rate of', subject: workflow, rest: `${tidy(rate)}/s`}));
  changes.limits.forEach((limit, workflow) => said.push({text: 'limit of', subject: workflow, rest: `${tidy(limit)} s`}));
  changes.gpus.forEach((count, node) => said.push({text: '', subject: node, rest: count === 0 ? 'taken away' : `with ${count} GPUs`}));
  changes.without.forEach(model => said.push({text: '', subject: model, rest: 'not self-hosted'}));
  changes.faster.forEach((factor, model) => {
    if (!changes.without.has(model)) {
      said.push({text: '', subject: model, rest: `${tidy(factor)} times as fast`});
    }
  });
  return said;
}

/**
 * Predictions of two plans side by side, by workflow.
 *
 * @param {?object} now plan.json, or null: not known
 * @param {?object} then plan.json, or null: there is no plan
 * @returns {{workflow: string, now: ?object, then: ?object}[]} in the order of `then`, what only `now` has at the end
 */
export function predictionRows(now, then) {
  const before = new Map((now?.predictions ?? []).map(each => [each.workflow, each]));
  const rows = (then?.predictions ?? []).map(each => {
    const row = {workflow: each.workflow, now: before.get(each.workflow) ?? null, then: each};
    before.delete(each.workflow);
    return row;
  });
  before.forEach((each, workflow) => rows.push({workflow, now: each, then: null}));
  return rows;
}

/**
 * Sizes of two plans side by side, by model; those that differ first.
 *
 * @param {?object} now plan.json
 * @param {?object} then plan.json
 * @returns {{model: string, now: ?object, then: ?object, differs: boolean}[]}
 */
export function allocationRows(now, then) {
  const before = new Map((now?.allocations ?? []).map(each => [each.model, each]));
  const after = new Map((then?.allocations ?? []).map(each => [each.model, each]));
  const models = [...new Set([...before.keys(), ...after.keys()])].sort();
  const rows = models.map(model => {
    const one = before.get(model) ?? null;
    const other = after.get(model) ?? null;
    return {model, now: one, then: other, differs: !sameSize(one, other)};
  });
  return [...rows.filter(row => row.differs), ...rows.filter(row => !row.differs)];
}

function sameSize(one, other) {
  return (
    (one === null && other === null) ||
    (one !== null &&
      other !== null &&
      one.gpu === other.gpu &&
      (one.gpuFraction ?? 1) === (other.gpuFraction ?? 1) &&
      (one.tensorParallel ?? 1) === (other.tensorParallel ?? 1) &&
      one.replicas === other.replicas)
  );
}

/**
 * How certain the answer is, as a sentence.
 *
 * @param {object} answer of the service: feasible, proven, interrupted, plan
 */
export function certainty(answer) {
  if (!answer.feasible) {
    return answer.proven ? 'No plan can do this.' : 'No plan was found in the time there was; that none exists is not proven.';
  }
  if (answer.proven) {
    return 'Proven: no plan has less latency.';
  }
  const gap = answer.plan.optimalityGap;
  const missing = Number.isFinite(gap) && gap > 0 ? ` At most ${Number((gap * 100).toPrecision(2))} % are missing.` : '';
  return `Not proven: the best plan found in the time there was.${missing}`;
}
