// @ts-check
// Draws a layout: racks, nodes, fast domains and GPUs as nested lists, so that the map reads as well as it looks. Each GPU is a tile with two bars to
// scale: the upper is compute, the lower memory. What a tile shows is also its text, for screen readers and as its title.
import {html, nothing, svg} from '../lib/lit-html/lit-html.js';
import {guard} from '../lib/lit-html/directives/guard.js';
import {repeat} from '../lib/lit-html/directives/repeat.js';
import {look} from '../colors.js';
import {model, name, sentence} from '../ui.js';
import {gibibytes, percent, shownName} from '../format.js';
import {standing} from './map-layout.js';
import {KIND_WORDS} from './map-moves.js';

const WIDTH = 72;
const COMPUTE_HEIGHT = 24;
const MEMORY_TOP = 27;
const MEMORY_HEIGHT = 8;
const HEIGHT = MEMORY_TOP + MEMORY_HEIGHT;

/** Narrower parts have their label turned; the narrowest none, but their text is in the tile's title. */
const LABEL_WIDTH = 20;
const TURNED_WIDTH = 6.5;
const NARROWEST_TEXT = 10;
const LARGE = 40;
/** Drawn by their outline: what is not there, not yet, or not any more. */
const PALE = new Set(['missing', 'stop', 'starting', 'trouble']);

/** What is said of an engine that is not simply there, and the sign for it. */
export const STANDING_WORDS = {
  ready: {word: '', sign: ''},
  plan: {word: '', sign: ''},
  starting: {word: 'not ready yet', sign: '…'},
  missing: {word: 'planned, but nothing of it is there', sign: '?'},
  unplanned: {word: 'not in the plan', sign: '×'},
  trouble: {word: 'in trouble', sign: '!'},
};

/** @param {number} count @param {string} thing */
export function plural(count, thing) {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/**
 * A map.
 *
 * @param {object} spots what `layout` returned
 * @param {object} options
 * @param {string} options.label what the map is of
 * @param {?Map<string, string>} options.marks kind of move by engine key; null: engines show how they stand
 * @param {boolean} options.onlyDifferences engines as planned are drawn faintly
 * @param {?Set<string>} options.onlyNodes null: all nodes
 * @param {3 | 4} options.level of the racks' headings
 * @param {?{allowed(cards: number): number}} options.pieces of createPieces; null: all is drawn at once
 */
export function clusterMap(spots, {label, marks = null, onlyDifferences = false, onlyNodes = null, pieces = null, level = 3}) {
  const racks = spots.racks
    .map(rack => ({...rack, shown: onlyNodes ? rack.nodes.filter(node => onlyNodes.has(node.name)) : rack.nodes}))
    .filter(rack => rack.shown.length > 0);
  const cards = racks.reduce((sum, rack) => sum + rack.shown.length, 0);
  let left = pieces ? pieces.allowed(cards) : cards;
  return html`<div class="map ${cards > LARGE ? 'map-large' : ''}" role="group" aria-label=${label} aria-busy=${left < cards ? 'true' : 'false'}>
    ${repeat(
      racks,
      rack => rack.name,
      rack => html`<section class="map-rack">
        ${heading(level, 'map-rack-name', html`${rack.name ? html`${name(rack.name)}` : 'Not in the hardware that is known'}
          <span class="map-facts">${rackFacts(rack)}</span>`)}
        <ul class="map-nodes">
          ${repeat(
            rack.shown,
            node => node.name,
            node => (left-- > 0
              ? guard([signature(node, marks, onlyDifferences)], () => nodeCard(node, marks, onlyDifferences, level))
              : html`<li class="map-node">${name(node.name)}</li>`),
          )}
        </ul>
      </section>`,
    )}
    ${racks.length === 0 ? html`<p class="map-nothing">${onlyNodes ? 'No node changes.' : 'No node to show.'}</p>` : nothing}
    ${spots.loose.length > 0 ? looseList(spots.loose, 'Engines without a node') : nothing}
  </div>`;
}

function heading(level, className, content) {
  return level === 3
    ? html`<h3 class=${className}>${content}</h3>`
    : level === 4 ? html`<h4 class=${className}>${content}</h4>` : html`<h5 class=${className}>${content}</h5>`;
}

function rackFacts(rack) {
  const nodes = rack.shown.length === rack.nodes.length ? plural(rack.nodes.length, 'node') : `${rack.shown.length} of ${plural(rack.nodes.length, 'node')}`;
  return `${nodes}, ${rack.freeGpus} of ${plural(rack.gpus, 'GPU')} free`;
}

/** Everything a card is drawn from. Cards whose signature is the same are not looked at again: maps have a thousand tiles. */
function signature(node, marks, onlyDifferences) {
  const engines = node.engines.map(engine => [
    engine.key,
    engine.replica,
    engine.memoryGiB,
    standing(engine),
    engine.trouble.length,
    marks?.get(engine.key) ?? '',
    look(engine.model).place,
  ]);
  const others = node.domains.flatMap(domain => domain.gpus.map(spot => (spot.others ? [spot.gpu, spot.others] : '')));
  const suspects = node.domains.map(domain => domain.gpus.map(spot => (spot.suspect ? 1 : 0)));
  const {name, rack, gpus, lostGpus, gpuType, memoryGiB, usable, why} = node;
  return JSON.stringify([name, rack, gpus, lostGpus, gpuType, memoryGiB, usable, why, suspects, engines, others, onlyDifferences]);
}

function nodeCard(node, marks, onlyDifferences, level) {
  const several = node.domains.length > 1;
  return html`<li class="map-node ${node.usable ? '' : 'map-node-gone'}">
    ${heading(level + 1, 'map-node-name', html`${name(node.name)}
      <span class="map-facts">
        ${node.known
          ? html`${name(node.gpuType)}, ${node.sharing === 'none' ? 'not shared' : node.sharing}, ${node.usable ? `${node.freeGpus} of ${node.gpus} free` : plural(node.lostGpus, 'GPU')}`
          : 'not among the nodes that are there now'}
      </span>`)}
    ${node.usable || !node.known ? nothing : html`<p class="map-why">Takes no engines. ${node.why ? sentence(node.why) : nothing}</p>`}
    <ul class="map-domains">
      ${node.domains.map(
        (domain, index) => html`<li class="map-domain map-domain-of-${columns(domain.gpus.length)} ${several ? 'map-domain-framed' : ''}">
          <span class="unseen">${domainText(domain, index, several)}</span>
          <ul class="map-gpus map-columns-${columns(domain.gpus.length)}">
            ${domain.gpus.map(spot => tile(node, spot, marks, onlyDifferences))}
          </ul>
          ${domain.freeGpus > 1 ? html`<span class="map-free-group" aria-hidden="true">${domain.freeGpus} free together</span>` : nothing}
        </li>`,
      )}
    </ul>
    ${node.loose.length > 0 ? looseList(node.loose, 'On this node, GPU not known') : nothing}
  </li>`;
}

/** Tiles in a row: rows of one domain are of one length where that can be. @param {number} gpus */
function columns(gpus) {
  return gpus <= 4 ? gpus : gpus % 4 === 0 ? 4 : gpus % 3 === 0 ? 3 : 4;
}

function domainText(domain, index, several) {
  const last = domain.first + domain.gpus.length - 1;
  const which = several ? `Fast domain ${index + 1}, GPUs ${domain.first} to ${last}` : `One fast domain, ${plural(domain.gpus.length, 'GPU')}`;
  return `${which}, ${domain.freeGpus} wholly free.`;
}

function looseList(engines, heading) {
  return html`<div class="map-loose">
    <span>${heading}:</span>
    <ul>
      ${engines.map(engine => html`<li>${model(engine.model)} ${engine.replica}, ${percent(engine.fraction)} of ${plural(engine.tensorParallel, 'GPU')}</li>`)}
    </ul>
  </div>`;
}

function tile(node, spot, marks, onlyDifferences) {
  const text = tileText(spot, marks);
  const style = [spot.free && 'map-gpu-free', !spot.there && 'map-gpu-absent', spot.over && 'map-gpu-over', spot.suspect && 'map-gpu-suspect'];
  return html`<li class="map-gpu ${style.filter(Boolean).join(' ')}" title=${text}>
    <span class="map-gpu-number" aria-hidden="true">${spot.gpu}</span>
    <svg class="map-bars" viewBox="-1 -1 ${WIDTH + 2} ${HEIGHT + 2}" aria-hidden="true" focusable="false">
      <rect class="map-bar" x="0" y="0" width=${WIDTH} height=${COMPUTE_HEIGHT}></rect>
      <rect class="map-bar" x="0" y=${MEMORY_TOP} width=${WIDTH} height=${MEMORY_HEIGHT}></rect>
      ${bars(spot, marks, onlyDifferences)}
    </svg>
    <span class="unseen">${text}</span>
  </li>`;
}

function bars(spot, marks, onlyDifferences) {
  // More than there is would leave the tile: it is drawn smaller, and the tile says that it is too much.
  const computeScale = WIDTH / Math.max(1, spot.compute);
  const memoryScale = WIDTH / Math.max(1, spot.memory);
  let x = 0;
  let m = 0;
  const drawn = [];
  for (const part of spot.parts) {
    const width = part.fraction * computeScale;
    const memory = (part.memory ?? 0) * memoryScale;
    drawn.push(enginePart(part.engine, x, width, m, memory, marks, onlyDifferences));
    x += width;
    m += memory;
  }
  if (spot.others) {
    const width = spot.others.fraction * computeScale;
    drawn.push(svg`<rect class="map-others" x=${round(x)} y="0" width=${round(width)} height=${COMPUTE_HEIGHT}></rect>
      <rect class="map-others" x=${round(m)} y=${MEMORY_TOP} width=${round((spot.others.memory ?? 0) * memoryScale)} height=${MEMORY_HEIGHT}></rect>`);
  }
  return drawn;
}

function enginePart(engine, x, width, m, memory, marks, onlyDifferences) {
  const kind = marks ? (marks.get(engine.key) ?? 'stay') : standing(engine);
  const sign = marks ? KIND_WORDS[kind].sign : STANDING_WORDS[kind].sign;
  const faint = marks ? kind === 'stay' : onlyDifferences && (kind === 'ready' || kind === 'plan');
  const {className, letter} = look(engine.model);
  const pale = PALE.has(kind);
  const style = ['map-part', `map-${className}`, `map-part-${kind}`, faint ? 'map-part-faint' : pale ? 'map-part-pale' : className].join(' ');
  const label = `${sign}${letter}${engine.replica}`;
  return svg`<g class=${style}>
    <rect x=${round(x + 0.75)} y="0.75" width=${round(Math.max(0.5, width - 1.5))} height=${COMPUTE_HEIGHT - 1.5} rx="2"></rect>
    <rect x=${round(m + 0.75)} y=${MEMORY_TOP + 0.75} width=${round(Math.max(0.5, memory - 1.5))} height=${MEMORY_HEIGHT - 1.5} rx="1.5"></rect>
    ${labelAt(label, round(x + width / 2), width)}
  </g>`;
}

/** @param {string} label @param {number} x its middle @param {number} width that it has */
function labelAt(label, x, width) {
  if (width >= LABEL_WIDTH) {
    return svg`<text x=${x} y=${COMPUTE_HEIGHT / 2}>${label}</text>`;
  }
  return width >= TURNED_WIDTH
    ? svg`<text class=${width < NARROWEST_TEXT ? 'map-label-narrowest' : 'map-label-narrow'} x=${x} y=${COMPUTE_HEIGHT / 2}
        transform=${`rotate(-90 ${x} ${COMPUTE_HEIGHT / 2})`}>${label}</text>`
    : nothing;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}

/**
 * What a GPU holds, as a sentence without markup.
 *
 * @param {object} spot
 * @param {?Map<string, string>} marks
 */
export function tileText(spot, marks = null) {
  const parts = spot.parts.map(({engine}) => `${shownName(engine.model).shown} ${engine.replica}: ${shareText(engine, spot.totalGiB)}${stateText(engine, marks)}`);
  if (spot.others) {
    parts.push(`others take ${percent(spot.others.fraction)} of compute`);
  }
  if (!spot.there) {
    parts.push('this GPU is not there');
  } else if (parts.length === 0) {
    parts.push('wholly free');
  }
  if (spot.suspect) {
    parts.push('left out of plans, because an engine was slow here');
  }
  if (spot.over) {
    parts.push('more than the GPU has');
  }
  return `GPU ${spot.gpu}: ${parts.join('; ')}.`;
}

function shareText(engine, totalGiB) {
  const memory = engine.memoryGiB === null ? '' : `, ${gibibytes(engine.memoryGiB)}${totalGiB ? ` of ${gibibytes(totalGiB)}` : ''} GiB`;
  return `${percent(engine.fraction)} of compute${memory}${engine.tensorParallel > 1 ? `, over ${engine.tensorParallel} GPUs` : ''}`;
}

function stateText(engine, marks) {
  const kind = marks ? marks.get(engine.key) : standing(engine);
  const word = marks ? KIND_WORDS[kind]?.word : STANDING_WORDS[kind].word;
  return word ? `, ${word}` : '';
}

/**
 * What the shapes mean.
 *
 * @param {string[]} models in name order
 * @param {Iterable<string>} kinds of moves or standings that the map shows
 * @param {boolean} asMoves whether kinds are those of moves
 */
export function legend(models, kinds, asMoves) {
  const words = asMoves ? KIND_WORDS : STANDING_WORDS;
  const signs = [...kinds].filter(kind => words[kind]?.sign);
  return html`<div class="map-legend">
    <span class="map-legend-bars">Upper bar: compute. Lower bar: memory. Both to scale.</span>
    ${models.length <= 24
      ? html`<ul class="map-legend-models">
          ${models.map(each => html`<li>${model(each)}</li>`)}
        </ul>`
      : html`<details>
          <summary>${plural(models.length, 'model')}</summary>
          <ul class="map-legend-models">
            ${models.map(each => html`<li>${model(each)}</li>`)}
          </ul>
        </details>`}
    ${signs.length > 0
      ? html`<ul class="map-legend-signs">
          ${signs.map(kind => html`<li><b>${words[kind].sign}</b> ${words[kind].word}</li>`)}
        </ul>`
      : nothing}
  </div>`;
}
