// @ts-check
import {html, render, nothing} from './lib/lit-html/lit-html.js';
import {Problem, Lost} from './api.js';
import {problem} from './ui.js';

/**
 * Who looks. The page exchanges a token for a cookie that scripts cannot read; nothing of it is kept here.
 *
 * @param {any} api
 * @param {HTMLDialogElement} element
 * @param {(session: {name: string, role: string, readOnly?: boolean} | null) => void} changed
 */
export function createSession(api, element, changed) {
  /** @type {unknown} */
  let failure = null;
  let underWay = false;
  let expired = false;

  // there is nothing behind it that could be seen without a session
  element.addEventListener('cancel', event => event.preventDefault());

  function draw() {
    render(
      html`<form method="dialog" @submit=${submit}>
        <h2 id="sign-in-title">${expired ? 'The session has ended' : 'Sign in'}</h2>
        <p>${expired ? 'Sign in again; what you were looking at stays.' : html`A token of role viewer or operator. <code>scepsy serve token</code> makes one.`}</p>
        <input name="username" type="text" autocomplete="username" value="scepsy" hidden>
        <label class="field">Token
          <input name="token" type="password" autocomplete="current-password" required maxlength="1000" autofocus></label>
        ${failure ? problem(failure) : nothing}
        <div class="dialog-buttons">
          <button type="submit" class="primary" ?disabled=${underWay}>${underWay ? 'Signing in…' : 'Sign in'}</button>
        </div>
      </form>`,
      element);
  }

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const token = String(new FormData(form).get('token') ?? '').trim();
    if (underWay || token === '') {
      return;
    }
    underWay = true;
    failure = null;
    draw();
    try {
      const session = await api.send('POST', 'api/v1/session', {token});
      underWay = false;
      form.reset();
      element.close();
      render(nothing, element);
      changed(session);
    } catch (thrown) {
      underWay = false;
      failure = thrown instanceof Problem && thrown.status === 401
        ? new Problem(401, {title: 'Not signed in', detail: 'The service knows no such token.'})
        : thrown;
      draw();
    }
  }

  const session = {
    /** Asks who this is; shows the sign-in where the service wants to know. */
    async begin() {
      try {
        changed(await api.get('api/v1/session'));
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.status === 401) {
          session.ask(false);
        } else if (!(thrown instanceof Lost)) {
          throw thrown;
        }
      }
    },
    /** @param {boolean} hasExpired there was a session */
    ask(hasExpired) {
      if (!element.open) {
        expired = hasExpired;
        failure = null;
        draw();
        element.showModal();
      }
    },
    /** Nothing is read while somebody is to sign in: it would be refused. */
    isAsked: () => element.open,
    async end() {
      await api.send('DELETE', 'api/v1/session');
      changed(null);
      session.ask(false);
    },
  };
  return session;
}
