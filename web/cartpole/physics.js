// A cart with a pole on it, as Barto, Sutton and Anderson have it (1983): metres, seconds, radians. A state is
// [place, speed, angle, turning]; it is over when the cart leaves its rail or the pole leans too far.

export const RAIL = 2.4, // from the middle to either end
  LEAN = (12 * Math.PI) / 180,
  STEP = 0.02, // seconds
  MOST = 500; // steps of one try

const GRAVITY = 9.8,
  CART = 1, // kg
  POLE = 0.1, // kg
  HALF = 0.5, // of the pole's length
  FORCE = 10; // newtons

/** A cart about the middle, its pole about upright. */
export const upright = (random) => Array.from({ length: 4 }, () => 0.1 * random() - 0.05);

export const isOver = ([place, , angle]) => !(Math.abs(place) <= RAIL && Math.abs(angle) <= LEAN);

/** The state one step later, pushed to the right (1), to the left (-1), or as strongly as `push` says. */
export function move([place, speed, angle, turning], push) {
  const sin = Math.sin(angle),
    cos = Math.cos(angle),
    mass = CART + POLE;
  const pull = (FORCE * push + POLE * HALF * turning ** 2 * sin) / mass;
  const turn = (GRAVITY * sin - cos * pull) / (HALF * (4 / 3 - (POLE * cos ** 2) / mass));
  const thrust = pull - (POLE * HALF * turn * cos) / mass;
  return [place + STEP * speed, speed + STEP * thrust, angle + STEP * turning, turning + STEP * turn];
}
