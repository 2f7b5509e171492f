// @ts-check

/** After the last movement of a control, by the page's contract. */
const QUIET_MILLIS = 150;

/**
 * Asks a question once the controls have been still for a moment. A newer question ends the one before, on the wire too, and an answer that is not
 * the newest question's is never told.
 *
 * @template Q, A
 * @param {(question: Q, signal: AbortSignal) => Promise<A>} ask
 * @param {{asking: () => void, answered: (answer: A, question: Q) => void, failed: (why: any, question: Q) => void}} told
 */
export function newest(ask, told, quietMillis = QUIET_MILLIS) {
  let timer = 0;
  let number = 0;
  /** @type {AbortController | null} */
  let running = null;

  function stop() {
    clearTimeout(timer);
    running?.abort();
    running = null;
    number += 1;
  }

  /** @param {Q} question */
  async function send(question) {
    const mine = number;
    const controller = new AbortController();
    running = controller;
    try {
      const answer = await ask(question, controller.signal);
      if (mine === number) {
        told.answered(answer, question);
      }
    } catch (why) {
      if (mine === number) {
        told.failed(why, question);
      }
    }
  }

  return {
    /** @param {Q} question asked after a while without another one */
    soon(question) {
      stop();
      told.asking();
      timer = setTimeout(() => send(question), quietMillis);
    },
    /** @param {Q} question */
    now(question) {
      stop();
      told.asking();
      return send(question);
    },
    /** Nothing is told any more. */
    stop,
  };
}
