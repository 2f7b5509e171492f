// @ts-check
import {nothing} from '../lib/lit-html/lit-html.js';

export const title = 'Overview';

export function open() {
  return {render: () => nothing, changed() {}, close() {}};
}
