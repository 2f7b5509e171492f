// @ts-check
import {address} from './api.js';

const TYPES = ['statistics', 'trigger', 'proposal', 'step', 'scorecard', 'pin', 'freeze', 'service'];
const TICK_MILLIS = 5_000;
const STATISTICS_FRESH_MILLIS = 15_000;
const AGAIN_MILLIS = 3_000;
const BUSY_AGAIN_MILLIS = 30_000;

/**
 * What happens in the service, as it happens. Listeners get `{type, data, at, id}`; `gap` means that something may have been missed: read all
 * anew. `tick` comes every 5 s as long as no statistics are told of, so that what has no events is read again too.
 *
 * @param {object} api of createApi
 * @param {(event: {type: string, data?: any, at?: string, id?: number}) => void} listener
 * @param {{state: (state: 'live' | 'polling') => void, expired: () => void}} told
 */
export function openEvents(api, listener, told) {
  /** @type {EventSource | null} */
  let source = null;
  let again = 0;
  let closed = false;
  let connected = false;
  let statisticsAt = -Infinity;

  function connect() {
    clearTimeout(again);
    source?.close();
    if (closed) {
      return;
    }
    const mine = new EventSource(address('api/v1/events'), {withCredentials: true});
    source = mine;
    mine.onopen = () => {
      told.state('live');
      if (connected) {
        listener({type: 'gap'}); // it was away: what was missed may be more than what is sent again
      }
      connected = true;
    };
    mine.onerror = () => {
      if (mine.readyState === EventSource.CLOSED) {
        refused();
      } else {
        api.check(); // it comes again by itself, with Last-Event-ID; only the stream may have been cut, by a proxy for example
      }
    };
    mine.addEventListener('gap', () => listener({type: 'gap'}));
    for (const type of TYPES) {
      mine.addEventListener(type, message => {
        if (type === 'statistics') {
          statisticsAt = performance.now();
        }
        listener(parsed(type, /** @type {MessageEvent} */ (message).data));
      });
    }
  }

  /** An EventSource does not say why it was refused; a request does. */
  async function refused() {
    source?.close();
    source = null;
    let status = 0;
    const cut = new AbortController();
    try {
      const response = await fetch(address('api/v1/events'), {headers: {Accept: 'text/event-stream'}, signal: cut.signal});
      status = response.status;
    } catch {
      status = 0;
    }
    cut.abort();
    if (closed) {
      return;
    }
    if (status === 404 || status === 405) {
      told.state('polling'); // files do not tell of changes
    } else if (status === 401) {
      told.expired();
    } else if (status === 0) {
      api.check();
      again = setTimeout(connect, AGAIN_MILLIS);
    } else {
      told.state('polling'); // too many streams, or not now
      again = setTimeout(connect, status === 200 ? AGAIN_MILLIS : BUSY_AGAIN_MILLIS);
    }
  }

  const ticking = setInterval(() => {
    const untold = performance.now() - statisticsAt > STATISTICS_FRESH_MILLIS;
    if (untold && !document.hidden && !api.isLost()) {
      listener({type: 'tick'});
    }
  }, TICK_MILLIS);
  const seen = () => {
    if (!document.hidden) {
      listener({type: 'tick'});
    }
  };
  document.addEventListener('visibilitychange', seen);
  connect();

  return {
    /** After signing in, or when the service is back. */
    connect,
    close() {
      closed = true;
      clearInterval(ticking);
      clearTimeout(again);
      document.removeEventListener('visibilitychange', seen);
      source?.close();
    },
  };
}

/** @param {string} type @param {string} text */
function parsed(type, text) {
  try {
    const event = JSON.parse(text);
    return {type, id: event.id, at: event.at, data: event.data ?? event};
  } catch {
    return {type: 'gap'};
  }
}
