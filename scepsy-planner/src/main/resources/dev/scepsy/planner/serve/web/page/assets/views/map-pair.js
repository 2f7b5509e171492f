// @ts-check
// Two maps with the moves between them, and the moves alone for where there is no room for maps.
import {html, nothing} from '../lib/lit-html/lit-html.js';
import {gibibytes, percent} from '../format.js';
import {model, name} from '../ui.js';
import {layout} from './map-layout.js';
import {KIND_WORDS, counts, marks, moves, nodesThatChange, summary} from './map-moves.js';
import {clusterMap, legend} from './map.js';

/** From here on the nodes that do not change are left out until they are asked for. */
const MANY_NODES = 8;
/** Nobody reads longer lists in a row. */
const MOST_MOVES = 60;
const MOST_PLACES = 12;

/**
 * What two maps show. Worth keeping as long as its arguments stay the same.
 *
 * @param {object[]} nodesBefore of /api/v1/cluster
 * @param {import('./map-layout.js').Engine[]} before
 * @param {import('./map-layout.js').Engine[]} after
 * @param {object[]} [nodesAfter] where the hardware changes too
 */
export function comparison(nodesBefore, before, after, nodesAfter = nodesBefore) {
  const list = moves(before, after);
  const left = layout(nodesBefore, before);
  const right = layout(nodesAfter, after);
  const changing = nodesThatChange(list);
  // a node that only one side has is a change, whatever is on it
  const sizes = new Map(nodesBefore.map(node => [node.name, node.gpus]));
  nodesAfter.forEach(node => {
    if (sizes.get(node.name) !== node.gpus) {
      changing.add(node.name);
    }
    sizes.delete(node.name);
  });
  sizes.forEach((_gpus, gone) => changing.add(gone));
  return {
    list,
    left,
    right,
    changing,
    // where nothing moves there is nothing to mark, and nothing that would have to step back
    marks: list.some(each => each.kind !== 'stay') ? marks(list) : {before: null, after: null},
    models: [...new Set([...before, ...after].map(engine => engine.model))].sort(),
    nodes: new Set([...nodesBefore, ...nodesAfter].map(node => node.name)).size,
  };
}

/**
 * @param {ReturnType<typeof comparison>} compared
 * @param {{before: unknown, after: unknown, allNodes: boolean, toggle: () => void, beforeMissing?: unknown, pieces?: any}} options headings, and whether nodes without a
 *     change are shown; `beforeMissing` stands where the left map would be
 */
export function mapPair(compared, {before, after, allNodes, toggle, beforeMissing = null, pieces = null}) {
  const some = compared.nodes > MANY_NODES && compared.changing.size < compared.nodes;
  const only = some && !allNodes ? compared.changing : null;
  const kinds = Object.entries(counts(compared.list)).filter(([, count]) => count > 0).map(([kind]) => kind);
  const alone = beforeMissing !== null;
  return html`<div class="map-pair-head">
      ${legend(compared.models, kinds, true)}
      ${some
        ? html`<label class="check"><input type="checkbox" .checked=${allNodes} @change=${toggle}> All ${compared.nodes} nodes, also those without a change</label>`
        : nothing}
    </div>
    ${alone ? html`<p>${beforeMissing}</p>` : nothing}
    <div class="map-pair ${alone ? 'map-pair-alone' : ''}">
      ${alone
        ? nothing
        : html`<section class="map-side" aria-label="Before">
            <h3>${before} <span class="map-facts">${facts(compared.left)}</span></h3>
            ${clusterMap(compared.left, {label: 'Map before', marks: compared.marks.before, onlyNodes: only, pieces, level: 4})}
          </section>`}
      <section class="map-between" aria-label="Moves">
        <h3>Moves</h3>
        <div class="map-moves" role="group" tabindex="0" aria-label="List of moves">${moveList(compared.list)}</div>
      </section>
      <section class="map-side" aria-label="After">
        <h3>${after} <span class="map-facts">${facts(compared.right)}</span></h3>
        ${clusterMap(compared.right, {label: 'Map after', marks: compared.marks.after, onlyNodes: only, pieces, level: 4})}
      </section>
    </div>`;
}

/** @param {any} spots */
function facts(spots) {
  return `${spots.freeGpus} of ${spots.gpus} GPUs free, largest free group ${spots.largestFreeGroup}`;
}

/**
 * The moves as a list; what stays is counted only. Engines of one size that start, or stop, are one line.
 *
 * @param {import('./map-moves.js').Move[]} list
 * @param {number} [most] lines; the rest is counted
 * @param {boolean} [scrolls] in a box of its own, which the keyboard must reach
 */
export function moveList(list, most = MOST_MOVES, scrolls = false) {
  const lines = gathered(list);
  return html`<p class="moves-summary">${summary(list)}</p>
    ${lines.length > 0
      ? html`<ol class="moves" tabindex=${scrolls ? '0' : nothing} aria-label="Moves">${lines.slice(0, most).map(moveItem)}</ol>
          ${lines.length > most ? html`<p class="moves-more">And ${lines.length - most} more.</p>` : nothing}`
      : nothing}`;
}

/** @param {import('./map-moves.js').Move[]} list @returns {import('./map-moves.js').Move[][]} */
function gathered(list) {
  const lines = new Map();
  for (const each of list) {
    if (each.kind === 'stay') {
      continue;
    }
    const engine = each.to ?? each.from;
    const alike = each.from && each.to ? each.key : JSON.stringify([each.kind, each.model, engine?.fraction, engine?.tensorParallel, engine?.memoryGiB]);
    lines.set(alike, [...(lines.get(alike) ?? []), each]);
  }
  return [...lines.values()];
}

/** @param {import('./map-moves.js').Move[]} alike */
function moveItem(alike) {
  const [each] = alike;
  const {word, sign, many} = KIND_WORDS[each.kind];
  return html`<li class="move move-${each.kind}">
    <span class="move-sign" aria-hidden="true">${sign}</span>
    <span>${model(each.model)} ${alike.length > 1 ? html`<b>${alike.length} ${many}</b>` : html`<b>${word}</b>`} ${way(alike)}</span>
  </li>`;
}

/** @param {import('./map-moves.js').Move[]} alike */
function way(alike) {
  const {kind, from, to} = alike[0];
  if (from && to) {
    const other = sameSize(from, to) ? size(to) : sizeChange(from, to);
    return kind === 'resize' ? html`on ${place(from)}: ${other}` : html`from ${place(from)} to ${place(to)}: ${other}`;
  }
  const engines = alike.map(each => /** @type {import('./map-layout.js').Engine} */ (each.from ?? each.to));
  const places = engines.slice(0, MOST_PLACES).map((engine, at) => html`${at > 0 ? '; ' : ''}${place(engine)}`);
  return html`on ${places}${engines.length > MOST_PLACES ? ` and ${engines.length - MOST_PLACES} more places` : ''}: ${size(engines[0])}${engines.length > 1 ? ' each' : ''}`;
}

/** @param {import('./map-layout.js').Engine} engine */
function place(engine) {
  if (!engine.node) {
    return 'a node that is not known';
  }
  return html`${name(engine.node)}${engine.gpus.length > 0 ? ` GPU ${engine.gpus.join(', ')}` : ''}`;
}

/** @param {import('./map-layout.js').Engine} engine */
function size(engine) {
  const memory = engine.memoryGiB === null ? '' : `, ${gibibytes(engine.memoryGiB)} GiB`;
  return `${percent(engine.fraction)} of ${gpus(engine)}${memory}`;
}

/** What differs, and nothing else. @param {import('./map-layout.js').Engine} from @param {import('./map-layout.js').Engine} to */
function sizeChange(from, to) {
  const share = from.tensorParallel === to.tensorParallel
    ? `${percent(from.fraction)} → ${percent(to.fraction)} of ${gpus(to)}`
    : `${percent(from.fraction)} of ${gpus(from)} → ${percent(to.fraction)} of ${gpus(to)}`;
  const memory = from.memoryGiB === null || to.memoryGiB === null || from.memoryGiB === to.memoryGiB
    ? ''
    : `, ${gibibytes(from.memoryGiB)} → ${gibibytes(to.memoryGiB)} GiB`;
  return `${share}${memory}`;
}

/** @param {import('./map-layout.js').Engine} engine */
function gpus(engine) {
  return engine.tensorParallel === 1 ? 'a GPU' : `${engine.tensorParallel} GPUs`;
}

/** @param {import('./map-layout.js').Engine} one @param {import('./map-layout.js').Engine} other */
function sameSize(one, other) {
  return one.fraction === other.fraction && one.tensorParallel === other.tensorParallel && one.memoryGiB === other.memoryGiB;
}

/**
 * One model's size as plan.json has it.
 *
 * @param {any} allocation null: none
 */
export function allocationText(allocation) {
  if (!allocation) {
    return 'none';
  }
  const width = allocation.tensorParallel ?? 1;
  const share = percent(allocation.gpuFraction ?? 1);
  return html`${allocation.replicas} × ${share} of ${width === 1 ? 'one' : width} ${name(allocation.gpu)}`;
}
