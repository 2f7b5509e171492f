// @ts-check

/** Cards of nodes that are drawn in one go; a hundred at once would hold up the page. */
const CARDS_AT_ONCE = 10;

/**
 * Lets a map be drawn piece by piece: a few cards in each frame until all are there. What has been drawn stays drawn.
 *
 * @param {() => void} redraw
 */
export function createPieces(redraw) {
  let limit = CARDS_AT_ONCE;
  let timer = 0;
  return {
    /** How many cards may be drawn now. @param {number} cards that there are */
    allowed(cards) {
      if (limit < cards && !timer) {
        timer = setTimeout(() => {
          timer = 0;
          limit += CARDS_AT_ONCE;
          redraw();
        });
      }
      return Math.min(limit, cards);
    },
    close() {
      clearTimeout(timer);
      timer = -1;
    },
  };
}
