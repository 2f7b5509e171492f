// @ts-check
import {html, render, nothing} from './lib/lit-html/lit-html.js';
import {Problem, decisionKey} from './api.js';
import {problem} from './ui.js';

export const LONGEST_REASON = 1_000;

/**
 * The page's one dialog for decisions. The focus goes back where it was, which `<dialog>` does by itself.
 *
 * @param {HTMLDialogElement} element
 * @param {(text: string) => void} announce
 */
export function createDialog(element, announce) {
  /** @type {any} */
  let spec = null;
  /** @type {unknown} */
  let failure = null;
  let underWay = false;
  let key = '';

  element.addEventListener('close', () => {
    spec = null;
    render(nothing, element);
  });
  element.addEventListener('cancel', event => {
    if (underWay) {
      event.preventDefault(); // what is decided cannot be called back by closing
    }
  });

  function draw() {
    if (!spec) {
      return;
    }
    const {title, body, confirm, danger, reason, blocked} = spec;
    const off = underWay || Boolean(blocked?.());
    render(
      html`<form method="dialog" @submit=${submit}>
        <h2 id="dialog-title">${title}</h2>
        <div class="dialog-body">${body?.() ?? nothing}</div>
        ${reason
          ? html`<label class="field">Reason (optional, kept with the decision)
              <textarea name="reason" rows="2" maxlength=${LONGEST_REASON}></textarea></label>`
          : nothing}
        ${failure ? problem(failure) : nothing}
        <div class="dialog-buttons">
          <button type="button" @click=${() => element.close()} ?disabled=${underWay}>Cancel</button>
          <button type="submit" class=${danger ? 'danger' : 'primary'} ?disabled=${off}>${underWay ? 'Sending…' : confirm}</button>
        </div>
      </form>`,
      element);
  }

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const mine = spec;
    if (!mine || underWay) {
      return;
    }
    const given = new FormData(/** @type {HTMLFormElement} */ (event.target)).get('reason');
    underWay = true;
    failure = null;
    draw();
    try {
      await mine.action({reason: String(given ?? '').trim() || undefined, key});
      underWay = false;
      element.close();
      if (mine.done) {
        announce(mine.done);
      }
    } catch (thrown) {
      underWay = false;
      failure = thrown;
      if (thrown instanceof Problem) {
        key = decisionKey(); // that one was answered; the next try is another decision
      }
      mine.refused?.(thrown);
      draw();
    }
  }

  return {
    /**
     * @param {{title: unknown, body?: () => unknown, confirm: string, danger?: boolean, reason?: boolean, blocked?: () => boolean,
     *     action: (given: {reason?: string, key: string}) => Promise<unknown>, done?: string, refused?: (failure: unknown) => void}} wanted
     *     `action` throws what is shown, and the dialog stays; `key` makes sending the same decision twice harmless; `done` is announced
     */
    open(wanted) {
      spec = wanted;
      failure = null;
      underWay = false;
      key = decisionKey();
      draw();
      element.showModal();
    },
    redraw: draw,
  };
}
