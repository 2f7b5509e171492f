// @ts-check
import {html} from '../lib/lit-html/lit-html.js';
import {sentence} from '../ui.js';

const SHORT = 140;

/** What people wrote, in a cell of a table: its beginning, and all of it on demand. @param {string} text */
export function longText(text) {
  return text.length <= SHORT + 20
    ? sentence(text)
    : html`<details class="long"><summary>${sentence(text.slice(0, SHORT) + '…')}</summary>${sentence(text)}</details>`;
}
