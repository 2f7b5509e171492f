// @ts-check
// What served when a proposal was made, from whatever still says it. Pure.
import {enginesOfCluster, enginesOfPlan} from './map-layout.js';

/**
 * @param {any} proposal
 * @param {any} cluster answer of /api/v1/cluster; null: not known
 * @param {any[]} plans entries, newest first
 * @returns {{engines: import('./map-layout.js').Engine[], from: 'proposal' | 'plan' | 'cluster' | 'nothing' | 'unknown'}} `nothing`: it was the first plan;
 *     `unknown`: something served, and what is not known any more
 */
export function basisOf(proposal, cluster, plans) {
  if (proposal.before?.placements) {
    return {engines: enginesOfPlan(proposal.before), from: 'proposal'};
  }
  const id = proposal.basePlanId;
  if (id && cluster && cluster.clusterPlanId === id && !cluster.push) {
    return {engines: enginesOfCluster(cluster).filter(engine => engine.found !== false), from: 'cluster'};
  }
  const entry = id ? plans.find(plan => plan.clusterPlanId === id) : undefined;
  if (entry) {
    return {engines: enginesOfPlan(entry.plan), from: 'plan'};
  }
  const anyBefore = id || proposal.difference.some(each => each.before);
  return {engines: [], from: anyBefore ? 'unknown' : 'nothing'};
}

/**
 * Rows of what a proposal brings, by workflow: before and after, with the interval where the prediction has one.
 *
 * @param {any} proposal
 * @returns {{workflow: string, target: number, latencyBefore: ?number, intervalBefore: ?number[], latencyAfter: ?number,
 *     interval: ?number[], limit: ?number, mostBefore: ?number, mostAfter: ?number, bottleneck: ?string}[]}
 */
export function gainRows(proposal) {
  const predictions = new Map((proposal.plan.predictions ?? []).map(each => [each.workflow, each]));
  return proposal.gain.workflows.map(each => {
    const predicted = predictions.get(each.workflow);
    return {
      workflow: each.workflow,
      target: each.targetPerSecond,
      latencyBefore: each.latencySecondsBefore ?? null,
      intervalBefore: each.latencyInterval95SecondsBefore ?? null,
      latencyAfter: each.latencySecondsAfter ?? null,
      interval: each.latencyInterval95SecondsAfter ?? predicted?.latencyInterval95Seconds ?? null,
      limit: limitOf(proposal, each.workflow),
      mostBefore: each.maxThroughputPerSecondBefore ?? null,
      mostAfter: each.maxThroughputPerSecondAfter ?? null,
      bottleneck: predicted?.bottleneck ?? null,
    };
  });
}

/** @param {any} proposal @param {string} workflow */
function limitOf(proposal, workflow) {
  const limits = proposal.latencyLimitSeconds;
  return limits && Object.hasOwn(limits, workflow) ? limits[workflow] : null;
}
