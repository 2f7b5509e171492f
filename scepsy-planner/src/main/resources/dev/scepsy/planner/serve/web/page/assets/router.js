// @ts-check
// Addresses of views: `#/view`, `#/view/ID`, `#/view?key=value`. Pure.

export const FIRST_VIEW = 'overview';

/**
 * @param {string} hash with its `#`
 * @returns {{view: string, id: string | null, query: Record<string, string>}}
 */
export function parseHash(hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [view, ...rest] = path.split('/');
  return {
    view: view || FIRST_VIEW,
    id: rest.length > 0 && rest[0] !== '' ? decoded(rest.join('/')) : null,
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * @param {string} view
 * @param {string | null} [id]
 * @param {Record<string, string>} [query]
 */
export function hashOf(view, id = null, query = {}) {
  const search = new URLSearchParams(query).toString();
  return `#/${view}${id === null ? '' : `/${encodeURIComponent(id)}`}${search ? `?${search}` : ''}`;
}
