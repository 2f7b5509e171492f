// @ts-check

const MILLIS = 5_000;

/**
 * What no event tells of, such as engines that become ready, is read again while other events come, but not with each of them.
 *
 * @param {() => void} act
 * @param {number} [millis] at most once in
 */
export function slowly(act, millis = MILLIS) {
  let at = -Infinity;
  return () => {
    const now = performance.now();
    if (now - at >= millis) {
      at = now;
      act();
    }
  };
}
