// @ts-check
// Where engines are on the hardware: plain data in, plain data out, nothing of the page. The map draws what these functions return,
// and so do its lists for people who do not see the shapes.

/** Two decimals that were written the same may differ in their last bits after adding up. */
const SAME = 1e-6;

/**
 * One engine as the map knows it.
 *
 * @typedef {object} Engine
 * @property {string} key unique among the engines of one map
 * @property {string} model
 * @property {number} replica from 0, within its model
 * @property {string} node empty: not known
 * @property {number[]} gpus numbers on the node; empty: not known
 * @property {number} fraction of each GPU's compute, above 0, at most 1
 * @property {number} tensorParallel
 * @property {?number} memoryGiB of each GPU; null: not known
 * @property {?boolean} planned whether the plan that serves wants it; null: not asked
 * @property {?boolean} found whether anything of it is there; null: not known
 * @property {?boolean} ready null: not known
 * @property {string[]} trouble sentences
 */

/**
 * Engines that a plan.json wants.
 *
 * @param {?object} plan with allocations, and placements where places are known
 * @returns {Engine[]} in the plan's order; of an allocation without placements none
 */
export function enginesOfPlan(plan) {
  const sizes = new Map((plan?.allocations ?? []).map(allocation => [allocation.model, allocation]));
  return (plan?.placements ?? []).map(place => {
    const size = sizes.get(place.model) ?? {};
    return {
      key: `${place.model}\u0000${place.replica}`,
      model: place.model,
      replica: place.replica,
      node: place.node,
      gpus: place.gpus ?? [],
      fraction: size.gpuFraction ?? 1,
      tensorParallel: size.tensorParallel ?? Math.max(1, (place.gpus ?? []).length),
      memoryGiB: size.memoryGiBPerGpu ?? null,
      planned: null,
      found: null,
      ready: null,
      trouble: [],
    };
  });
}

/**
 * Engines that the cluster has, those of the plan that are missing among them.
 *
 * The service numbers replicas within a place; here they are numbered within their model, in the order of their places, because that
 * is how people count them.
 *
 * @param {?object} cluster answer of /api/v1/cluster
 * @returns {Engine[]}
 */
export function enginesOfCluster(cluster) {
  const counts = new Map();
  const seen = new Map();
  return (cluster?.engines ?? []).map(engine => {
    const replica = counts.get(engine.model) ?? 0;
    counts.set(engine.model, replica + 1);
    // Places, not running numbers, make the key: an engine that goes away must not rename the others.
    const place = [engine.model, engine.node, (engine.gpus ?? []).join(','), engine.gpuFraction].join('\u0000');
    const twin = seen.get(place) ?? 0;
    seen.set(place, twin + 1);
    return {
      key: `${place}\u0000${twin}`,
      model: engine.model,
      replica,
      node: engine.node ?? '',
      gpus: engine.gpus ?? [],
      fraction: engine.gpuFraction,
      tensorParallel: engine.tensorParallel,
      memoryGiB: engine.memoryGiBPerGpu ?? null,
      planned: engine.planned ?? null,
      found: engine.found ?? null,
      ready: engine.ready ?? null,
      trouble: engine.trouble ?? [],
    };
  });
}

/**
 * How an engine of the cluster stands.
 *
 * @param {Engine} engine
 * @returns {'ready'|'starting'|'missing'|'unplanned'|'trouble'|'plan'} `plan`: nothing but the plan is known of it
 */
export function standing(engine) {
  if (engine.planned === null) {
    return 'plan';
  }
  if (engine.planned === false) {
    return 'unplanned';
  }
  if (engine.ready !== false) {
    return 'ready';
  }
  if (engine.found === false) {
    return 'missing';
  }
  return engine.trouble.length > 0 ? 'trouble' : 'starting';
}

/**
 * Hardware with the engines on it.
 *
 * Engines on nodes that the hardware lacks get a node of their own, marked as not known: what is placed is never left out of the map.
 *
 * @param {object[]} nodes of /api/v1/cluster: name, rack, gpu, gpus, domainSize, memoryGiB, sharing, usable, occupied
 * @param {Engine[]} engines
 * @param {object[]} [suspects] of /api/v1/cluster: GPUs that plans leave out, because an engine was slow there
 * @returns {{racks: object[], loose: Engine[], gpus: number, lostGpus: number, freeGpus: number, largestFreeGroup: number, largestFreeNode: ?string}}
 */
export function layout(nodes, engines, suspects = []) {
  const byNode = new Map();
  const loose = [];
  for (const engine of engines) {
    if (!engine.node) {
      loose.push(engine);
    } else if (byNode.has(engine.node)) {
      byNode.get(engine.node).push(engine);
    } else {
      byNode.set(engine.node, [engine]);
    }
  }
  const racks = new Map();
  const put = spot => {
    const rack = racks.get(spot.rack);
    if (rack) {
      rack.nodes.push(spot);
    } else {
      racks.set(spot.rack, {name: spot.rack, nodes: [spot]});
    }
  };
  for (const node of nodes ?? []) {
    put(spotOfNode(node, byNode.get(node.name) ?? [], suspects.filter(each => each.node === node.name)));
    byNode.delete(node.name);
  }
  for (const [name, there] of byNode) {
    put(spotOfUnknown(name, there));
  }
  const all = [...racks.values()];
  for (const rack of all) {
    rack.gpus = sum(rack.nodes, node => node.gpus);
    rack.freeGpus = sum(rack.nodes, node => node.freeGpus);
  }
  const best = all.flatMap(rack => rack.nodes).reduce((most, node) => (node.freeGroup > (most?.freeGroup ?? 0) ? node : most), null);
  return {
    racks: all,
    loose,
    gpus: sum(all, rack => rack.gpus),
    lostGpus: sum(all, rack => sum(rack.nodes, node => node.lostGpus)),
    freeGpus: sum(all, rack => rack.freeGpus),
    largestFreeGroup: best?.freeGroup ?? 0,
    largestFreeNode: best?.name ?? null,
  };
}

function spotOfNode(node, engines, suspects = []) {
  const count = node.gpus ?? 0;
  // Advice of a plan made for more GPUs than there are now must still be seen, so tiles are drawn for those too.
  const wanted = engines.flatMap(engine => engine.gpus).reduce((most, gpu) => Math.max(most, gpu + 1), 0);
  const usable = node.usable !== false;
  const gpus = Array.from({length: Math.max(count, wanted)}, (_, gpu) => gpuSpot(node, gpu, engines, gpu < count && usable, suspects));
  const size = Math.max(1, Math.min(node.domainSize || count || 1, Math.max(1, gpus.length)));
  const domains = [];
  for (let first = 0; first < gpus.length; first += size) {
    const part = gpus.slice(first, first + size);
    domains.push({first, gpus: part, freeGpus: part.filter(spot => spot.free).length});
  }
  return {
    name: node.name,
    rack: node.rack ?? '',
    gpuType: node.gpu ?? '',
    memoryGiB: node.memoryGiB ?? null,
    sharing: node.sharing ?? 'none',
    usable,
    why: node.why ?? '',
    known: true,
    gpus: usable ? count : 0,
    lostGpus: usable ? 0 : count,
    domains,
    engines,
    loose: engines.filter(engine => engine.gpus.length === 0),
    freeGpus: gpus.filter(spot => spot.free).length,
    freeGroup: domains.reduce((most, domain) => Math.max(most, domain.freeGpus), 0),
  };
}

function spotOfUnknown(name, engines) {
  const spot = spotOfNode({name, rack: '', gpus: 0, domainSize: 0, sharing: 'none', usable: false}, engines);
  // how many GPUs it has is not known: those that engines are on are shown, as one block
  const gpus = spot.domains.flatMap(domain => domain.gpus).filter(each => each.parts.length > 0);
  return {...spot, known: false, domains: [{first: gpus[0]?.gpu ?? 0, gpus, freeGpus: 0}]};
}

function gpuSpot(node, gpu, engines, there, suspects) {
  const on = engines.filter(engine => engine.gpus.includes(gpu));
  const taken = (node.occupied ?? []).find(part => part.gpu === gpu) ?? null;
  const total = node.memoryGiB ?? null;
  const parts = on.map(engine => ({
    engine,
    fraction: engine.fraction,
    memory: total && engine.memoryGiB !== null ? engine.memoryGiB / total : null,
  }));
  const others = taken
    ? {fraction: taken.gpuFraction ?? 1, memory: total && taken.memoryGiB != null ? taken.memoryGiB / total : null}
    : null;
  const compute = sum(parts, part => part.fraction) + (others?.fraction ?? 0);
  const memory = sum(parts, part => part.memory ?? 0) + (others?.memory ?? 0);
  // what is only wanted takes nothing yet: in the middle of a move it may be wanted where something else still runs
  const wanted = parts.filter(part => part.engine.found === false);
  const really = {compute: compute - sum(wanted, part => part.fraction), memory: memory - sum(wanted, part => part.memory ?? 0)};
  return {
    gpu,
    there,
    // where nobody knows the GPU, all of the node are left out
    suspect: suspects.some(each => each.gpus.length === 0 || each.gpus.includes(gpu)),
    parts,
    others,
    totalGiB: total,
    compute,
    memory,
    free: there && parts.length === 0 && (!others || compute + memory < SAME),
    over: really.compute > 1 + SAME || really.memory > 1 + SAME,
  };
}

/**
 * The nodes as a what-if changed them, by the service's own rule: a domain as wide as its node stays as wide as its node.
 *
 * @param {object[]} nodes of /api/v1/cluster
 * @param {Map<string, number>} gpus GPUs by node; 0 takes the node away
 */
export function resized(nodes, gpus) {
  return (nodes ?? [])
    .filter(node => (gpus.get(node.name) ?? node.gpus) > 0)
    .map(node => {
      const count = gpus.get(node.name) ?? node.gpus;
      const domainSize = node.domainSize === node.gpus ? count : Math.min(count, node.domainSize);
      return {...node, gpus: count, domainSize};
    });
}

/**
 * GPUs that engines of each model use, Σ t·f over its engines.
 *
 * @param {Engine[]} engines
 * @returns {Map<string, {engines: number, ready: number, gpus: number}>} in name order
 */
export function useByModel(engines) {
  const use = new Map();
  for (const engine of engines) {
    const row = use.get(engine.model) ?? {engines: 0, ready: 0, gpus: 0};
    row.engines += 1;
    row.ready += engine.ready === true ? 1 : 0;
    row.gpus += engine.fraction * engine.tensorParallel;
    use.set(engine.model, row);
  }
  return new Map([...use].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function sum(list, of) {
  return list.reduce((total, each) => total + of(each), 0);
}
