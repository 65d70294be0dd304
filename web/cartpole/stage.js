// Drawing: carts on their rail, and the policy as a picture, orange where it would push to the right.
import { colorOf, paintGrid } from '../common/paint.js';
import { LEAN, RAIL } from './physics.js';

const SIDE = 44, // of the policy's picture
  TURNING = 2; // radians a second, at its edges

/** States of the picture: the angle to the right, how fast it turns upwards, in the middle of the rail. */
export const MAP = Array.from({ length: SIDE * SIDE }, (_, i) => [
  0,
  0,
  (((i % SIDE) + 0.5) / SIDE) * 2 * LEAN - LEAN,
  TURNING - ((Math.floor(i / SIDE) + 0.5) / SIDE) * 2 * TURNING,
]);

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** A canvas as sharp as the screen is: {context, width, height} in CSS pixels. */
function sharp(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas,
    scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

function drawRail({ context, width, height }, metre, ground) {
  context.strokeStyle = style('--line');
  context.lineWidth = 3;
  context.beginPath();
  context.moveTo(width / 2 - RAIL * metre, ground);
  context.lineTo(width / 2 + RAIL * metre, ground);
  for (const end of [-RAIL, RAIL]) {
    context.moveTo(width / 2 + end * metre, ground - height * 0.05);
    context.lineTo(width / 2 + end * metre, ground + height * 0.05);
  }
  context.stroke();
}

function drawCart({ context, width }, metre, ground, { state: [place, , angle] }) {
  const x = width / 2 + place * metre,
    high = 0.17 * metre,
    wide = 0.42 * metre,
    top = ground - 0.05 * metre - high;
  context.fillStyle = style('--ink');
  for (const side of [-1, 1]) {
    context.beginPath();
    context.arc(x + side * wide * 0.28, ground - 0.045 * metre, 0.045 * metre, 0, 7);
    context.fill();
  }
  context.beginPath();
  context.roundRect(x - wide / 2, top, wide, high, 0.04 * metre);
  context.fill();
  context.strokeStyle = style('--accent');
  context.lineWidth = 0.065 * metre;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(x, top + high * 0.3);
  context.lineTo(x + metre * Math.sin(angle), top + high * 0.3 - metre * Math.cos(angle));
  context.stroke();
  context.fillStyle = style('--card');
  context.beginPath();
  context.arc(x, top + high * 0.3, 0.018 * metre, 0, 7);
  context.fill();
}

/** Those that have fallen stand faintly where they fell; of those that go on, the first is drawn in full. */
export function drawStage(canvas, carts) {
  const sheet = sharp(canvas),
    metre = Math.min(sheet.width / (2 * RAIL + 0.9), sheet.height / 1.6),
    ground = sheet.height - Math.max(0.2 * metre, (sheet.height - 1.4 * metre) / 2);
  drawRail(sheet, metre, ground);
  const order = [...carts.filter(({ over }) => over), ...carts.filter(({ over }) => !over).reverse()];
  order.forEach((cart, i) => {
    const faint = cart.over ? 0.07 : 0.3;
    sheet.context.globalAlpha = i === order.length - 1 ? (cart.over ? 0.4 : 1) : faint;
    drawCart(sheet, metre, ground, cart);
  });
  sheet.context.globalAlpha = 1;
}

/** The picture of likelihoods for MAP, a dot for each cart that goes on. */
export function makeMap(canvas) {
  const picture = document.createElement('canvas');
  let values = null;
  const map = {
    set(chances) {
      values = Float32Array.from(chances, (chance) => 2 * chance - 1);
      map.repaint();
    },
    repaint: () => values && paintGrid(picture, values, SIDE),
    draw(carts) {
      const { context, width, height } = sharp(canvas);
      if (!values) return;
      context.drawImage(picture, 0, 0, width, height);
      context.fillStyle = style('--ink');
      context.strokeStyle = style('--card');
      for (const { state, over } of carts) {
        if (over) continue;
        context.beginPath();
        context.arc((state[2] / LEAN + 1) * (width / 2), (1 - state[3] / TURNING) * (height / 2), 4, 0, 7);
        context.fill();
        context.stroke();
      }
    },
  };
  return map;
}

/** What the two colors of the picture stand for. */
export const paintLegend = (left, right) => {
  left.style.background = colorOf(-1);
  right.style.background = colorOf(1);
};
