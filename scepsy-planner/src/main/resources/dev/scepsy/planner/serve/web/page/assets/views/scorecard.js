// @ts-check
// Predicted beside measured, as rows. Pure: plain data in and out.

/**
 * What one plan's scorecard says of workflows.
 *
 * @param {?object} scorecard
 * @returns {{workflow: string, executions: number, predicted: ?number, measured: ?number, before: ?number, target: ?number, rate: ?number, off: ?number}[]}
 *     seconds and 1/s; `off` is (measured − predicted) / predicted, null where one of the two is not known
 */
export function workflowRows(scorecard) {
  return (scorecard?.workflows ?? []).map(each => ({
    workflow: each.workflow,
    executions: each.executions,
    predicted: each.predictedLatencySeconds ?? null,
    measured: each.measuredLatencySeconds ?? null,
    before: each.latencySecondsBefore ?? null,
    target: each.targetPerSecond ?? null,
    rate: each.measuredPerSecond ?? null,
    off: relative(each.predictedLatencySeconds, each.measuredLatencySeconds),
  }));
}

/**
 * The same of models: seconds a call, utilisation.
 *
 * @param {?object} scorecard
 */
export function modelRows(scorecard) {
  return (scorecard?.models ?? []).map(each => ({
    model: each.model,
    predictedCall: each.predictedCallSeconds ?? null,
    measuredCall: each.measuredCallSeconds ?? null,
    predictedUse: each.predictedUtilisation ?? null,
    measuredUse: each.measuredUtilisation ?? null,
    off: relative(each.predictedCallSeconds, each.measuredCallSeconds),
  }));
}

/**
 * The scorecard's answer in one line of a list: the workflow that is furthest from what was predicted.
 *
 * @param {?object} scorecard
 * @returns {?object} a row of {@link workflowRows}, null where nothing was measured
 */
export function furthestOff(scorecard) {
  return workflowRows(scorecard).reduce(
    (most, row) => (row.off !== null && Math.abs(row.off) > Math.abs(most?.off ?? 0) ? row : most),
    null,
  );
}

function relative(predicted, measured) {
  return predicted > 0 && Number.isFinite(measured) ? (measured - predicted) / predicted : null;
}

/** Verdicts in words. */
export const VERDICTS = {
  better: 'better than predicted',
  asPredicted: 'as predicted',
  worse: 'worse than predicted',
  notEnoughData: 'not enough data',
};

/** How plans came to be, in words. */
export const PLAN_KINDS = {
  proposal: 'from a proposal',
  rollback: 'back, by a person',
  goBack: 'back, by the service',
  found: 'found serving',
};

/**
 * Who decided what and why, over proposals and plans, newest first.
 *
 * @param {object[]} proposals
 * @param {object[]} plans
 * @param {object[]} others decisions on pins and freezes, where the service keeps them: {what, by, reason, at, model}
 * @returns {{key: string, at: string, what: string, by: string, reason: ?string, proposal: ?string, plan: ?string, model: ?string}[]}
 */
export function decisions(proposals, plans, others = []) {
  const all = [];
  for (const proposal of proposals) {
    proposal.decisions.forEach((each, index) => {
      all.push({key: `${proposal.id} ${index}`, ...only(each), proposal: proposal.id, plan: null, model: null});
    });
  }
  for (const plan of plans) {
    // What a proposal became is among its decisions already.
    if (plan.kind !== 'proposal') {
      all.push({key: plan.id, what: plan.kind, by: plan.by, reason: plan.reason ?? null, at: plan.startedAt, proposal: null, plan: plan.id, model: null});
    }
  }
  others.forEach((each, index) => {
    all.push({key: `other ${each.at} ${index}`, ...only(each), proposal: null, plan: null, model: each.model ?? null});
  });
  return all.sort((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0));
}

function only(decision) {
  return {what: decision.what, by: decision.by, reason: decision.reason ?? null, at: decision.at};
}
