// @ts-check
// Which colour a model has, everywhere on the page. Eight colours that colour-blind readers can tell apart by hue or lightness; a letter stands beside
// each, for the ninth model has the first one's colour.

const COLOURS = 8;
const LETTERS = 26;

/** @type {Map<string, number>} */
const places = new Map();

/**
 * Names get their colours in name order; those that come later go behind, so that none changes its colour while one looks.
 *
 * @param {Iterable<string>} models
 */
export function learn(models) {
  const unknown = [...new Set(models)].filter(model => !places.has(model)).sort();
  for (const model of unknown) {
    places.set(model, places.size);
  }
}

/**
 * @param {string} model
 * @returns {{place: number, colour: number, letter: string, className: string}} `className` for the style sheet: `m0` to `m7`
 */
export function look(model) {
  if (!places.has(model)) {
    learn([model]);
  }
  const place = /** @type {number} */ (places.get(model));
  const colour = place % COLOURS;
  return {place, colour, letter: letters(place), className: `m${colour}`};
}

/** A to Z, AA, AB and so on. @param {number} place */
export function letters(place) {
  let text = '';
  for (let rest = place; rest >= 0; rest = Math.floor(rest / LETTERS) - 1) {
    text = String.fromCharCode(65 + rest % LETTERS) + text;
  }
  return text;
}

/** The style sheet's name of a model's colour. @param {string} model */
export function token(model) {
  return `--model-${look(model).colour}`;
}

/**
 * The value of a colour of the style sheet in the theme that shows; canvases know no variables.
 *
 * @param {string} variable such as `--accent`
 * @param {number} [alpha] 0 to 1
 */
export function resolved(variable, alpha = 1) {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  probe.hidden = true;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  const parts = colour.match(/[\d.]+/g);
  return alpha === 1 || !parts || !colour.startsWith('rgb') ? colour : `rgba(${parts[0]}, ${parts[1]}, ${parts[2]}, ${alpha})`;
}
