// @ts-check
import {html, nothing, noChange} from './lib/lit-html/lit-html.js';
import {repeat} from './lib/lit-html/directives/repeat.js';
import {directive, Directive, PartType} from './lib/lit-html/directive.js';
import {Problem, Lost} from './api.js';
import {UNKNOWN, isKnown, shownName, time as timeText, visible} from './format.js';
import {look} from './colors.js';

/**
 * `style=${styles({width: '12%'})}`: sets properties one by one. lit's own `styleMap` writes the attribute at first, which the
 * Content-Security-Policy forbids.
 */
class Styles extends Directive {
  constructor(part) {
    super(part);
    if (part.type !== PartType.ATTRIBUTE || part.name !== 'style') {
      throw new Error('styles() belongs into style=${...}.');
    }
    this.known = new Set();
  }

  render(_properties) {
    return noChange;
  }

  update(part, [properties]) {
    const style = part.element.style;
    for (const name of this.known) {
      if (properties[name] === undefined) {
        style.removeProperty(name);
        this.known.delete(name);
      }
    }
    for (const [name, value] of Object.entries(properties)) {
      if (value !== undefined) {
        style.setProperty(name, value);
        this.known.add(name);
      }
    }
    return noChange;
  }
}
export const styles = directive(Styles);

/** A name from outside: isolated in its direction, controls visible, cut where it is long. @param {unknown} text */
export function name(text) {
  const {shown, full, cut} = shownName(text);
  return html`<bdi class="name" title=${cut ? full : nothing}>${shown}</bdi>`;
}

/** Longer text from outside, such as a sentence or a reason: controls visible, not cut below 2,000 characters. @param {unknown} text */
export function sentence(text) {
  const raw = String(text ?? '');
  const cut = raw.length > LONGEST_SENTENCE ? raw.slice(0, LONGEST_SENTENCE) + '…' : raw;
  return html`<bdi class="sentence">${visibleLines(cut)}</bdi>`;
}
const LONGEST_SENTENCE = 2_000;

/** @param {string} text */
function visibleLines(text) {
  return text.split('\n').map(line => visible(line)).join('\n');
}

/** A model's name behind its colour and letter. @param {string} model */
export function model(model) {
  const {letter, className} = look(model);
  return html`<span class="model"><span class="swatch ${className}" aria-hidden="true">${letter}</span>${name(model)}</span>`;
}

/**
 * A number that may not be known.
 *
 * @param {number | null | undefined} value
 * @param {(value: number) => string} format
 * @param {string} reason why it is not known, shown with the dash
 */
export function known(value, format, reason) {
  return isKnown(value)
    ? format(/** @type {number} */ (value))
    : html`<span class="unknown" title=${reason}>${UNKNOWN}<span class="unseen"> unknown: ${reason}</span></span>`;
}

/** A time: local, the exact one in the title. @param {string | null | undefined} iso @param {string | null} [beside] */
export function time(iso, beside = null) {
  return iso ? html`<time datetime=${iso} title=${iso}>${timeText(iso, beside)}</time>` : html`<span class="unknown">${UNKNOWN}</span>`;
}

/** Before the first answer. @param {string} what */
export function loading(what) {
  return html`<p class="state loading" aria-busy="true">Reading ${what}…</p>`;
}

/** Nothing there, and that is no fault. @param {unknown} sentence */
export function empty(sentence) {
  return html`<p class="state empty">${sentence}</p>`;
}

/**
 * What an answer that is no success says.
 *
 * @param {unknown} failure Problem, Lost or whatever was thrown
 * @param {string} [what] was asked for, such as "models"
 */
export function failed(failure, what) {
  if (failure instanceof Lost) {
    return html`<p class="state empty">${what ? `Cannot read ${what}: the` : 'The'} service cannot be reached. It is asked again.</p>`;
  }
  if (failure instanceof Problem && failure.status === 401) {
    return html`<p class="state empty">Sign in to see this.</p>`;
  }
  if (failure instanceof Problem && failure.status === 404) {
    return html`<p class="state empty">${sentence(failure.detail)}</p>`;
  }
  return problem(failure);
}

/** A failure to be read, whichever it is. @param {unknown} failure */
export function problem(failure) {
  const status = failure instanceof Problem ? `${failure.status} ${failure.title}` : '';
  const problems = failure instanceof Problem && failure.problems.length > 1 ? failure.problems : null;
  return html`<div class="state problem" role="alert">
    ${status ? html`<strong>${status}</strong>` : nothing}
    ${problems
      ? html`<ul>${problems.map(each => html`<li>${sentence(each)}</li>`)}</ul>`
      : html`<p>${sentence(failure instanceof Error ? failure.message : failure)}</p>`}
  </div>`;
}

/**
 * The state of a reading: its template where there is data (with a remark where that is old), else why there is none.
 *
 * @template T
 * @param {{data: T | undefined, failure: unknown}} reading
 * @param {string} what such as "models"
 * @param {(data: T) => unknown} template
 */
export function shown(reading, what, template) {
  if (reading.data !== undefined) {
    const stale = reading.failure && !(reading.failure instanceof Lost);
    return html`${stale ? html`<p class="state stale">Not up to date. ${failed(reading.failure)}</p>` : nothing}${template(reading.data)}`;
  }
  return reading.failure ? failed(reading.failure, what) : loading(what);
}

/**
 * A table in a box of its own, which scrolls where the table is wider. With `stack`, rows stand on top of each other at narrow widths, each cell behind
 * its column's label.
 *
 * @template R
 * @param {{caption: string, hideCaption?: boolean, stack?: boolean, columns: {label: string, number?: boolean, wide?: boolean,
 *     title?: string, cell: (row: R) => unknown, head?: boolean}[], rows: R[], key?: (row: R) => unknown, rowClass?: (row: R) => string}} spec `head`: the column that
 *     names the row; `wide`: a line of its own where rows are stacked
 */
export function table(spec) {
  const cell = (column, row) => column.head
    ? html`<th scope="row" data-label=${column.label}>${column.cell(row)}</th>`
    : html`<td class=${column.number ? 'number' : column.wide ? 'wide' : nothing} data-label=${column.label}>${column.cell(row)}</td>`;
  return html`<div class="table-box ${spec.stack ? 'stack' : ''}" role="group" tabindex="0" aria-label=${spec.caption}>
    <table>
      <caption class=${spec.hideCaption ? 'unseen' : nothing}>${spec.caption}</caption>
      <thead><tr>${spec.columns.map(column => html`<th scope="col" class=${column.number ? 'number' : nothing}
          title=${column.title ?? nothing}>${column.label}</th>`)}</tr></thead>
      <tbody>${repeat(spec.rows, spec.key ?? ((_row, at) => at), row => html`<tr class=${spec.rowClass?.(row) || nothing}>${spec.columns.map(
          column => cell(column, row))}</tr>`)}</tbody>
    </table>
  </div>`;
}

/** Whether the session may decide; else why a button is off. @param {{role: string, readOnly?: boolean} | null} session */
export function whyNot(session) {
  if (!session) {
    return 'Sign in first.';
  }
  if (session.readOnly) {
    return 'These are files: nothing can be changed here.';
  }
  return session.role === 'operator' ? '' : `Needs the role operator; yours is ${session.role}.`;
}

/**
 * A button of an operator; for everybody else it is off and says why.
 *
 * @param {{label: unknown, session: any, click: () => void, className?: string, off?: string}} spec `off`: another reason
 */
export function operatorButton(spec) {
  const reason = spec.off || whyNot(spec.session);
  return html`<span class="button-with-reason"><button type="button" class=${spec.className ?? nothing} ?disabled=${reason !== ''}
      title=${reason || nothing} @click=${spec.click}>${spec.label}</button>${reason ? html`<small class="reason">${reason}</small>` : nothing}</span>`;
}
