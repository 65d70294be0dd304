// The classes: cards with a name, a button to hold, thumbnails, a bar, and the examples themselves.
import { $, make, shareBar } from '../common/page.js';

const THUMBS = 8;

/** All classes, in the order of their cards. */
export const classes = [];

/** The class whose button is held, or null. */
export let recording = null;

let changed = () => {};
/** f is called when a class or an example comes or goes. */
export const onChange = (f) => {
  changed = f;
};

function hold(one, on) {
  recording = on ? one : recording === one ? null : recording;
  for (const { button } of classes) button.classList.toggle('on', recording?.button === button);
}

function holdButton(one) {
  const button = make('button', { className: 'hold' }, 'Hold to record');
  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    hold(one, true);
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur'])
    button.addEventListener(end, () => hold(one, false));
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  button.addEventListener('keydown', ({ key }) => {
    if (key === ' ' || key === 'Enter') hold(one, true);
  });
  button.addEventListener('keyup', ({ key }) => {
    if (key === ' ' || key === 'Enter') hold(one, false);
  });
  return button;
}

/** Numbers, labels and the remove buttons follow the cards' order. */
function renumber() {
  classes.forEach((one, i) => {
    one.input.ariaLabel = `Name of class ${i + 1}`;
    one.removal.ariaLabel = `Remove ${one.name()}`;
    one.removal.disabled = classes.length <= 2;
    one.button.replaceChildren('Hold to record', ...(i < 9 ? [make('kbd', { textContent: i + 1 })] : []));
    one.button.ariaLabel = `Hold to record pictures of ${one.name()}`;
  });
  changed();
}

function remove(one) {
  for (const example of one.examples) example.dispose();
  hold(one, false);
  classes.splice(classes.indexOf(one), 1);
  one.card.remove();
  renumber();
}

export function addClass(name) {
  const one = { examples: [], bar: shareBar('confidence') };
  one.input = make('input', { value: name, maxLength: 40, autocomplete: 'off' });
  one.name = () => one.input.value.trim() || name;
  one.input.addEventListener('input', renumber);
  one.removal = make('button', { className: 'plain', title: 'Remove this class', onclick: () => remove(one) }, '✕');
  one.button = holdButton(one);
  one.count = make('small', { textContent: 'no pictures' });
  one.thumbs = make('div', { className: 'thumbs', ariaHidden: 'true' });
  one.card = make(
    'li',
    { className: 'class' },
    make('div', { className: 'head' }, one.input, one.removal),
    make('div', { className: 'take' }, one.button, one.count),
    one.thumbs,
    one.bar.element,
  );
  classes.push(one);
  $('#classes').append(one.card);
  renumber();
  return one;
}

/** Keeps an example and shows its picture. */
export function addExample(one, example, frame) {
  one.examples.push(example);
  const thumb = make('canvas', { width: 40, height: 40 });
  thumb.getContext('2d').drawImage(frame, 0, 0, 40, 40);
  one.thumbs.prepend(thumb);
  while (one.thumbs.children.length > THUMBS) one.thumbs.lastChild.remove();
  one.count.textContent = one.examples.length === 1 ? '1 picture' : `${one.examples.length} pictures`;
  changed();
}

/** Shows confidences: parts[i] belongs to ones[i]; a class not among them has none. */
export function showConfidence(ones, parts) {
  const best = parts.indexOf(Math.max(...parts));
  for (const one of classes) {
    const at = ones.indexOf(one);
    one.bar.set(at < 0 ? null : parts[at]);
    one.card.classList.toggle('leads', at >= 0 && at === best);
  }
  return ones[best];
}

// Digits hold the button of their class from anywhere but text fields.
for (const [type, on] of [
  ['keydown', true],
  ['keyup', false],
]) {
  addEventListener(type, ({ key, target, ctrlKey, metaKey, altKey }) => {
    const one = classes[Number(key) - 1];
    if (!one || ctrlKey || metaKey || altKey || (on && /^(input|select)$/i.test(target.tagName))) return;
    hold(one, on);
  });
}
addEventListener('blur', () => {
  if (recording) hold(recording, false);
});
