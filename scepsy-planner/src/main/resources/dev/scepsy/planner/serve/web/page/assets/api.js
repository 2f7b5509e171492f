// @ts-check

/** An answer that is no success, as `application/problem+json` says it. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {{title?: string, detail?: string, problems?: string[], state?: string}} document
   */
  constructor(status, document) {
    super(document.detail || document.title || `The service answered ${status}.`);
    this.name = 'Problem';
    this.status = status;
    this.title = document.title || '';
    this.detail = this.message;
    this.problems = Array.isArray(document.problems) ? document.problems : [];
    this.state = document.state;
    /** Further members, such as `candidates`. */
    this.document = document;
  }
}

/** The service cannot be reached. */
export class Lost extends Error {
  constructor() {
    super('The service cannot be reached.');
    this.name = 'Lost';
  }
}

const PROXY_FAILURES = new Set([502, 503, 504]);
const FIRST_RETRY_MILLIS = 1_000;
const LAST_RETRY_MILLIS = 15_000;

/** Works under any path prefix: the page's own folder is the base. @param {string} path without a leading slash */
export function address(path) {
  return new URL(path, document.baseURI.split('#')[0]).href;
}

/** @param {Response} response */
async function problemOf(response) {
  const type = response.headers.get('content-type') || '';
  if (!type.includes('json')) {
    return PROXY_FAILURES.has(response.status)
      ? new Lost() // a reverse proxy speaks, and not the service
      : new Problem(response.status, {title: response.statusText});
  }
  try {
    return new Problem(response.status, await response.json());
  } catch {
    return new Problem(response.status, {title: response.statusText});
  }
}

/**
 * Requests to the service. What the page as a whole must know is told once, not by every request.
 *
 * @param {{expired: () => void, lost: () => void, back: () => void}} told
 */
export function createApi(told) {
  let lost = false;

  async function request(path, options) {
    let response;
    try {
      response = await fetch(address(path), {credentials: 'same-origin', cache: 'no-store', ...options});
    } catch (failure) {
      if (options.signal?.aborted) {
        throw failure;
      }
      throw gone();
    }
    if (!response.ok) {
      const problem = await problemOf(response);
      if (problem instanceof Lost) {
        throw gone();
      }
      if (problem.status === 401 && path !== 'api/v1/session') {
        told.expired();
      }
      throw problem;
    }
    found();
    if (response.status === 204) {
      return null;
    }
    try {
      return await response.json();
    } catch (failure) {
      if (options.signal?.aborted) {
        throw failure;
      }
      throw gone(); // cut off in the middle
    }
  }

  function gone() {
    if (!lost) {
      lost = true;
      told.lost();
      probe(FIRST_RETRY_MILLIS);
    }
    return new Lost();
  }

  function found() {
    if (lost) {
      lost = false;
      told.back();
    }
  }

  /** Whether the service answers; any answer of its own will do. */
  async function isThere() {
    try {
      const response = await fetch(address('healthz'), {cache: 'no-store'});
      return !PROXY_FAILURES.has(response.status);
    } catch {
      return false;
    }
  }

  /** Asks whether it is back, less and less often. @param {number} millis */
  function probe(millis) {
    setTimeout(async () => {
      if (lost && await isThere()) {
        found();
      } else if (lost) {
        probe(Math.min(millis * 2, LAST_RETRY_MILLIS));
      }
    }, millis);
  }

  return {
    /**
     * @param {string} path such as `api/v1/models`
     * @param {{signal?: AbortSignal}} [options]
     * @returns {Promise<any>} throws Problem or Lost
     */
    get(path, options = {}) {
      return request(path, {...options, headers: {Accept: 'application/json'}});
    },

    /**
     * A changing request. A decision that is sent twice, because its answer was lost, is made once: give both the same key.
     *
     * @param {'POST' | 'PUT' | 'DELETE'} method
     * @param {string} path
     * @param {object} [body]
     * @param {{signal?: AbortSignal, key?: string}} [options]
     * @returns {Promise<any>} throws Problem or Lost
     */
    send(method, path, body = {}, options = {}) {
      const headers = {'Accept': 'application/json', 'Content-Type': 'application/json', 'X-Scepsy-Request': '1'};
      if (options.key) {
        headers['Idempotency-Key'] = options.key;
      }
      return request(path, {method, headers, body: JSON.stringify(body), signal: options.signal});
    },

    /** Something else than a request had trouble: finds out whether the service is gone. */
    async check() {
      if (!lost && !await isThere()) {
        gone();
      }
    },
    isLost: () => lost,
  };
}

/** A key for one decision of a person. `randomUUID` exists only where the page is served securely or from loopback. */
export function decisionKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
