// @ts-check
// What the overview shows, from what the service answers. Pure.

/** Models drawn one by one in a workflow's shares; what further ones have is drawn as one. */
export const MOST_DRAWN_MODELS = 12;
export const OTHER = 'other';
export const FURTHER = 'further models';

/**
 * @typedef {{model: string, part: number}} Part
 * @typedef {{workflow: string, service: string | null, executions: number, enough: boolean, required: number | null, recentExecutions: number,
 *     perSecond: number | null, targetPerSecond: number | null, targetFrom: string | null, maxPerSecond: number | null, meanSeconds: number | null,
 *     p95Seconds: number | null, predictedSeconds: number | null, limitSeconds: number | null, parts: Part[], overLimit: boolean, overTarget: boolean}}
 *     WorkflowRow
 */

/**
 * One row per workflow that is known to any of the answers, in name order.
 *
 * @param {{workflows?: any[]} | undefined} recent statistics of the last minutes
 * @param {{workflows?: any[]} | undefined} whole statistics of the window
 * @param {{workflows?: any[], predictedLatencySeconds?: Record<string, number>} | undefined} loop how the loop stands
 * @returns {WorkflowRow[]}
 */
export function workflowRows(recent, whole, loop) {
  const lately = byName(recent?.workflows, 'name');
  const always = byName(whole?.workflows, 'name');
  const aims = byName(loop?.workflows, 'workflow');
  const names = [...new Set([...always.keys(), ...lately.keys(), ...aims.keys()])].sort();
  return names.map(workflow => {
    const all = always.get(workflow) ?? lately.get(workflow);
    const last = lately.get(workflow);
    const aim = aims.get(workflow);
    const meanSeconds = last?.endToEndSeconds?.mean ?? null;
    const limitSeconds = aim?.latencyLimitSeconds ?? null;
    const perSecond = aim?.measuredPerSecond ?? null;
    const targetPerSecond = aim?.targetPerSecond ?? all?.targetPerSecond ?? null;
    return {
      workflow,
      service: all?.service ?? null,
      executions: all?.executions ?? 0,
      enough: !all?.notEnoughData,
      required: all?.requiredExecutions ?? null,
      recentExecutions: last?.executions ?? 0,
      perSecond,
      targetPerSecond,
      targetFrom: aim?.targetFrom ?? null,
      maxPerSecond: aim?.maxThroughputPerSecond ?? null,
      meanSeconds,
      p95Seconds: last?.endToEndSeconds?.p95 ?? null,
      predictedSeconds: aim?.predictedLatencySeconds ?? loop?.predictedLatencySeconds?.[workflow] ?? null,
      limitSeconds,
      parts: pathParts(all),
      overLimit: meanSeconds !== null && limitSeconds !== null && meanSeconds > limitSeconds,
      overTarget: perSecond !== null && targetPerSecond !== null && perSecond > targetPerSecond,
    };
  });
}

/** @param {any[] | undefined} list @param {string} key @returns {Map<string, any>} */
function byName(list, key) {
  return new Map((list ?? []).map(each => [each[key], each]));
}

/**
 * How a workflow's mean end-to-end time divides: sequential calls x mean call of each model, and other; the largest first, `other` last.
 *
 * @param {any} statistics one workflow of `workflows.json`
 * @returns {Part[]} empty where times are not known
 */
export function pathParts(statistics) {
  const models = statistics?.models ?? [];
  const times = models.map(each => ({
    model: each.model,
    seconds: (each.sequentialCalls ?? each.callsPerExecution / (each.parallelism ?? 1)) * each.meanCallSeconds,
  }));
  const other = statistics?.otherSeconds ?? 0;
  const sum = times.reduce((total, each) => total + each.seconds, other);
  if (!(sum > 0)) {
    return [];
  }
  const parts = times.map(each => ({model: each.model, part: each.seconds / sum}));
  return [...drawn(parts.sort((a, b) => b.part - a.part)), {model: OTHER, part: other / sum}];
}

/** The largest, and the rest as one. @param {Part[]} sorted */
function drawn(sorted) {
  if (sorted.length <= MOST_DRAWN_MODELS) {
    return sorted;
  }
  const rest = sorted.slice(MOST_DRAWN_MODELS).reduce((sum, each) => sum + each.part, 0);
  return [...sorted.slice(0, MOST_DRAWN_MODELS), {model: FURTHER, part: rest}];
}

/**
 * @typedef {{x: number[], ends: string[], path: {model: string, values: number[]}[],
 *     shares: {model: string, values: (number | null)[], low: (number | null)[], high: (number | null)[]}[], leftOut: number}} Curves
 */

/**
 * A workflow's shares over its executions. Models in the order of their time on the path, the largest first; those beyond the twelfth as one.
 *
 * @param {{points: {executions: number, end: string, pathShares: Record<string, number>,
 *     models: {model: string, executionShare: number, low?: number, high?: number}[]}[]}} curve
 * @returns {Curves}
 */
export function curves(curve) {
  const points = curve.points;
  const sums = new Map();
  for (const point of points) {
    for (const each of point.models) {
      sums.set(each.model, (sums.get(each.model) ?? 0) + (point.pathShares[each.model] ?? 0));
    }
  }
  const order = [...sums.keys()].sort((a, b) => sums.get(b) - sums.get(a) || (a < b ? -1 : 1));
  const shownModels = order.slice(0, MOST_DRAWN_MODELS);
  const path = shownModels.map(model => ({model, values: points.map(point => point.pathShares[model] ?? 0)}));
  const others = points.map(point => point.pathShares[OTHER] ?? 0);
  if (order.length > shownModels.length) {
    path.push({
      model: FURTHER,
      values: points.map((_point, at) => Math.max(0, 1 - others[at] - path.reduce((sum, each) => sum + each.values[at], 0))),
    });
  }
  path.push({model: OTHER, values: others});
  const found = points.map(point => new Map(point.models.map(each => [each.model, each])));
  return {
    x: points.map(point => point.executions),
    ends: points.map(point => point.end),
    path,
    shares: shownModels.map(model => ({
      model,
      values: found.map(models => models.get(model)?.executionShare ?? null),
      low: found.map(models => models.get(model)?.low ?? null),
      high: found.map(models => models.get(model)?.high ?? null),
    })),
    leftOut: order.length - shownModels.length,
  };
}

/**
 * @typedef {{at: number, letter: string, kind: 'stable' | 'drift', time: string | null, sentence: string}} Mark
 */

/**
 * What is marked on the curves: from where shares are stable, and drifts at the execution that ended when they began.
 *
 * @param {{stableSince?: number | null, points: {executions: number, end: string}[],
 *     drifts?: {at: string, since?: string, model?: string, sentence: string}[]}} curve
 * @returns {Mark[]}
 */
export function marks(curve) {
  /** @type {Mark[]} */
  const all = [];
  if (typeof curve.stableSince === 'number') {
    all.push({
      at: curve.stableSince,
      letter: 'S',
      kind: 'stable',
      time: null,
      sentence: `Shares are stable from execution ${curve.stableSince} on.`,
    });
  }
  (curve.drifts ?? []).forEach((drift, at) => {
    const since = drift.since ?? drift.at;
    const place = executionAt(curve.points, since);
    if (place !== null) {
      all.push({at: place, letter: `D${at + 1}`, kind: 'drift', time: since, sentence: drift.sentence});
    }
  });
  return all;
}

/**
 * How many executions had ended at a time, between points by the straight line; null before the first point.
 *
 * @param {{executions: number, end: string}[]} points
 * @param {string} time
 */
export function executionAt(points, time) {
  const wanted = Date.parse(time);
  const after = points.findIndex(point => Date.parse(point.end) >= wanted);
  if (after === 0 || points.length === 0) {
    return null;
  }
  if (after < 0) {
    return points[points.length - 1].executions;
  }
  const a = points[after - 1];
  const b = points[after];
  const from = Date.parse(a.end);
  const part = (wanted - from) / Math.max(1, Date.parse(b.end) - from);
  return a.executions + (b.executions - a.executions) * part;
}
