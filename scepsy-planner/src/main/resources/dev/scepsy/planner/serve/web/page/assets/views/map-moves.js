// @ts-check
// What happens to engines between two maps: which stay, move, change their size, start or stop. Pure: plain data in and out.

/** Memory of one shape may be written with fewer digits in one place than in another; relative. */
const SAME_MEMORY = 1e-3;
const SAME_FRACTION = 1e-9;

/** In the order in which moves are listed. */
export const KINDS = ['start', 'move', 'resize', 'stop', 'stay'];

/** What each kind is called, and the sign that stands for it on a map, where colour alone must not say it. */
export const KIND_WORDS = {
  start: {word: 'starts', many: 'start', sign: '+'},
  move: {word: 'moves', many: 'move', sign: '→'},
  resize: {word: 'changes size', many: 'change size', sign: '±'},
  stop: {word: 'stops', many: 'stop', sign: '−'},
  stay: {word: 'stays', many: 'stay', sign: ''},
};

/**
 * One engine's way.
 *
 * @typedef {object} Move
 * @property {string} key unique in its list
 * @property {'start'|'move'|'resize'|'stop'|'stay'} kind
 * @property {string} model
 * @property {?import('./map-layout.js').Engine} from null: it starts
 * @property {?import('./map-layout.js').Engine} to null: it stops
 */

/**
 * The moves between two sets of engines.
 *
 * Engines of a model are told apart by place and size only: the same size at the same place stays; another size at the same place is a
 * change of size; the same size at another place is a move; what is left over on both sides is paired as moves with another size.
 *
 * @param {import('./map-layout.js').Engine[]} before
 * @param {import('./map-layout.js').Engine[]} after
 * @returns {Move[]} by kind, then by model
 */
export function moves(before, after) {
  const models = new Map();
  const of = model => {
    if (!models.has(model)) {
      models.set(model, {before: [], after: []});
    }
    return models.get(model);
  };
  before.forEach(engine => of(engine.model).before.push(engine));
  after.forEach(engine => of(engine.model).after.push(engine));
  const found = [];
  for (const [model, sides] of [...models].sort(([one], [other]) => (one < other ? -1 : 1))) {
    pair(sides, samePlace, sameShape, (from, to) => found.push(move('stay', model, from, to)));
    pair(sides, samePlace, always, (from, to) => found.push(move('resize', model, from, to)));
    pair(sides, sameNode, sameShape, (from, to) => found.push(move('move', model, from, to)));
    pair(sides, always, sameShape, (from, to) => found.push(move('move', model, from, to)));
    pair(sides, sameNode, always, (from, to) => found.push(move('move', model, from, to)));
    pair(sides, always, always, (from, to) => found.push(move('move', model, from, to)));
    sides.before.forEach(from => found.push(move('stop', model, from, null)));
    sides.after.forEach(to => found.push(move('start', model, null, to)));
  }
  const rank = new Map(KINDS.map((kind, index) => [kind, index]));
  return found.sort((one, other) => rank.get(one.kind) - rank.get(other.kind));
}

/**
 * How many moves there are of each kind.
 *
 * @param {Move[]} list
 * @returns {Record<'start'|'move'|'resize'|'stop'|'stay', number>}
 */
export function counts(list) {
  const found = {start: 0, move: 0, resize: 0, stop: 0, stay: 0};
  list.forEach(each => (found[each.kind] += 1));
  return found;
}

/**
 * The counts as a sentence: `2 start, 1 moves, 5 stay`.
 *
 * @param {Move[]} list
 */
export function summary(list) {
  const found = counts(list);
  const said = KINDS.filter(kind => found[kind] > 0).map(kind => `${found[kind]} ${found[kind] === 1 ? KIND_WORDS[kind].word : KIND_WORDS[kind].many}`);
  return said.length > 0 ? `Engines: ${said.join(', ')}.` : 'No engine on either side.';
}

/**
 * Nodes on which anything changes.
 *
 * @param {Move[]} list
 * @returns {Set<string>}
 */
export function nodesThatChange(list) {
  const nodes = new Set();
  for (const each of list) {
    if (each.kind !== 'stay') {
      [each.from, each.to].forEach(engine => engine && nodes.add(engine.node));
    }
  }
  return nodes;
}

/**
 * What the map of each side marks: the kind by the engine's key.
 *
 * @param {Move[]} list
 * @returns {{before: Map<string, string>, after: Map<string, string>}}
 */
export function marks(list) {
  const before = new Map();
  const after = new Map();
  for (const each of list) {
    if (each.from) {
      before.set(each.from.key, each.kind);
    }
    if (each.to) {
      after.set(each.to.key, each.kind);
    }
  }
  return {before, after};
}

/** Takes pairs that both tests allow out of the two sides. Greedy; with at most a few dozen engines a model that is quick enough. */
function pair(sides, place, shape, take) {
  const left = [];
  for (const from of sides.before) {
    const at = sides.after.findIndex(to => place(from, to) && shape(from, to));
    if (at < 0) {
      left.push(from);
    } else {
      take(from, sides.after[at]);
      sides.after.splice(at, 1);
    }
  }
  sides.before = left;
}

function samePlace(one, other) {
  return one.node === other.node && sameNumbers(one.gpus, other.gpus);
}

function sameNumbers(one, other) {
  // Where a side does not know its GPUs, the node is the whole of the place.
  return one.length === 0 || other.length === 0 || (one.length === other.length && one.every(gpu => other.includes(gpu)));
}

function sameNode(one, other) {
  return one.node === other.node;
}

function sameShape(one, other) {
  return (
    Math.abs(one.fraction - other.fraction) < SAME_FRACTION &&
    one.tensorParallel === other.tensorParallel &&
    (one.memoryGiB === null ||
      other.memoryGiB === null ||
      Math.abs(one.memoryGiB - other.memoryGiB) <= SAME_MEMORY * Math.max(one.memoryGiB, other.memoryGiB))
  );
}

function always() {
  return true;
}

function move(kind, model, from, to) {
  return {key: `${kind}\u0000${from?.key ?? ''}\u0000${to?.key ?? ''}`, kind, model, from, to};
}
