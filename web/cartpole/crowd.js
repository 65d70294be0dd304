// Carts that try at the same time: each goes on until its pole falls or its time is over, pushed as likely as the policy
// says, and remembers what it saw and did.
import { isOver, MOST, move, upright } from './physics.js';

export function makeCrowd(count, random) {
  const tries = Array.from({ length: count }, () => ({
    state: upright(random),
    states: [],
    pushes: [], // 1 to the right, 0 to the left
    last: null, // where it stood when its time was over
    over: false,
  }));

  return {
    tries,
    isDone: () => tries.every(({ over }) => over),
    /** How long each has stood, in steps. */
    lengths: () => tries.map(({ pushes }) => pushes.length),
    /** One step of all that stand; the policy is asked of all, so that it is always the same number. */
    async step(policy) {
      const chances = await policy.chances(tries.map(({ state }) => state));
      tries.forEach((one, i) => {
        if (one.over) return;
        const right = random() < chances[i];
        one.states.push(one.state);
        one.pushes.push(right ? 1 : 0);
        one.state = move(one.state, right ? 1 : -1);
        const late = one.pushes.length >= MOST,
          fallen = isOver(one.state);
        if (late && !fallen) one.last = one.state;
        one.over = fallen || late;
      });
    },
  };
}
