// @ts-check
import {nothing} from '../lib/lit-html/lit-html.js';

export const title = 'History';

export function open() {
  return {render: () => nothing, changed() {}, close() {}};
}
