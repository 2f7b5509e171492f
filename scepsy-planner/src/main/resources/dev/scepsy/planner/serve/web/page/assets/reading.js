// @ts-check
import {Lost} from './api.js';

const LEAST_MILLIS = 1_000;

/**
 * An address that is read again and again: at most once a second, one request at a time; the last good answer stays while a newer one is
 * waited for or has failed.
 *
 * @template T
 * @param {{api: any, redraw: () => void}} context
 * @param {string | (() => string)} path
 * @param {(answer: any) => T} [model] makes of an answer what is shown, once per answer
 */
export function createReading(context, path, model = answer => answer) {
  const cut = new AbortController();
  /** @type {{data: T | undefined, failure: unknown}} */
  const state = {data: undefined, failure: null};
  let underWay = false;
  let wanted = false;
  let timer = 0;
  let startedAt = -Infinity;
  /** Answers to an address that is not asked any more are not taken. */
  let asked = '';

  async function read() {
    timer = 0;
    wanted = false;
    underWay = true;
    startedAt = performance.now();
    const address = typeof path === 'function' ? path() : path;
    if (address !== asked) {
      asked = address;
      state.data = undefined;
      state.failure = null;
    }
    try {
      const answer = await context.api.get(address, {signal: cut.signal});
      if (address === current()) {
        state.data = model(answer);
        state.failure = null;
      }
    } catch (failure) {
      if (cut.signal.aborted) {
        return;
      }
      if (!(failure instanceof Lost) || state.data === undefined) {
        state.failure = failure;
      }
    } finally {
      underWay = false;
    }
    if (!cut.signal.aborted) {
      context.redraw();
      if (wanted) {
        schedule();
      }
    }
  }

  function current() {
    return typeof path === 'function' ? path() : path;
  }

  function schedule() {
    if (!timer) {
      timer = setTimeout(read, Math.max(0, startedAt + LEAST_MILLIS - performance.now()));
    }
  }

  return Object.assign(state, {
    /** Reads soon, but not more than once a second. */
    refresh() {
      wanted = true;
      if (!underWay) {
        schedule();
      }
    },
    /** Reads at once: the address has changed, or a person has decided something. */
    now() {
      wanted = true;
      startedAt = -Infinity;
      if (!underWay) {
        clearTimeout(timer);
        timer = 0;
        read();
      }
    },
    close() {
      clearTimeout(timer);
      cut.abort();
    },
  });
}
