// Points over what the net says of the whole square.
import { colorOf } from '../common/paint.js';
import { REACH } from './points.js';

/** Draws a grid's canvas and points over it on a larger canvas; points with `hollow` are of those held out. */
export function paintPoints(canvas, picture, points, radius = 4) {
  const context = canvas.getContext('2d'),
    { width } = canvas;
  context.clearRect(0, 0, width, width);
  if (picture) {
    context.imageSmoothingEnabled = true;
    context.globalAlpha = 0.75; // points of the same color stand out
    context.drawImage(picture, 0, 0, width, width);
    context.globalAlpha = 1;
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  for (const { x, y, label, hollow } of points) {
    context.beginPath();
    context.arc(((x + REACH) / (2 * REACH)) * width, ((REACH - y) / (2 * REACH)) * width, radius, 0, 7);
    context.fillStyle = colorOf(label);
    context.strokeStyle = hollow ? (dark ? '#fff' : '#000') : dark ? '#171614' : '#fff';
    context.lineWidth = hollow ? radius * 0.35 : radius * 0.3;
    context.fill();
    context.stroke();
  }
}
