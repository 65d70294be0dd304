// One cart in real time: the policy's, which one may poke, or one's own.
import { isOver, move, STEP, upright } from './physics.js';

const POKE = 0.6, // radians a second
  REST = 900, // ms that a fallen cart lies there
  SLOW = 0.5; // one's own cart goes at half speed

export function makeSolo(random) {
  const solo = {
    cart: null, // {state, over}
    steps: 0,
    best: 0,
    mine: false, // pushed by hand, not by the policy
    push: 0, // by hand: -1, 0, 1
    waits: false, // for the first push by hand
  };
  let owed = 0, // ms that have passed without a step
    fell = 0;

  solo.begin = (mine) => {
    Object.assign(solo, { cart: { state: upright(random), over: false }, steps: 0, mine, push: 0, waits: mine });
    owed = 0;
  };

  /** A push by hand, 0 ends it; the policy's cart is poked at its pole. */
  solo.hand = (push) => {
    solo.push = push;
    if (push) solo.waits = false;
    if (push && !solo.mine && !solo.cart.over)
      solo.cart.state = solo.cart.state.map((v, i) => (i === 3 ? v + POKE * push : v));
  };

  /** Goes on by so many ms. */
  solo.advance = async (ms, policy) => {
    const { cart, mine } = solo;
    if (cart.over) {
      if (performance.now() - fell > REST) solo.begin(mine);
      return;
    }
    if (solo.waits) return;
    owed = Math.min(owed + ms * (mine ? SLOW : 1), 100);
    while (owed >= 1000 * STEP && !cart.over) {
      owed -= 1000 * STEP;
      const push = mine ? solo.push : (await policy.chances([cart.state]))[0] > 0.5 ? 1 : -1;
      cart.state = move(cart.state, push);
      cart.over = isOver(cart.state);
      solo.steps++;
    }
    if (mine) solo.best = Math.max(solo.best, solo.steps);
    if (cart.over) fell = performance.now();
  };
  return solo;
}
