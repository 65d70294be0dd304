// Writing: letters drawn by how likely the net finds them, shown with how sure it was, with what may come next and what
// the LSTM has in mind.
import { make, shareBar } from '../common/page.js';
import { colorOf } from '../common/paint.js';

const KEPT = 900, // letters that stay on the paper
  NEXT = 6; // letters of which it is shown how likely they come next
const NAMES = { ' ': '␣ space', '\n': '↵ new line', '\t': '⇥ tab' };

/** Likelihoods at a daring: below 1 the likely ones gain, above 1 the others do. */
function dared(chances, daring) {
  const parts = Array.from(chances, (part) => part ** (1 / daring)),
    sum = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / sum);
}

function draw(parts, random) {
  let left = random();
  const index = parts.findIndex((part) => (left -= part) < 0);
  return index < 0 ? parts.indexOf(Math.max(...parts)) : index;
}

export function makePen({ written, bars, memory }) {
  const rows = Array.from({ length: NEXT }, () => {
    const bar = shareBar();
    bars.append(make('li', {}, bar.element));
    return bar;
  });
  let net, alphabet, random, chances;

  function paintMemory(values) {
    const context = memory.getContext('2d'),
      across = 16,
      side = memory.width / across;
    memory.height = (values.length / across) * side;
    values.forEach((value, i) => {
      context.fillStyle = colorOf(value);
      context.fillRect((i % across) * side + 1, Math.floor(i / across) * side + 1, side - 2, side - 2);
    });
  }

  return {
    /** A clean sheet: the net reads a beginning, or a new line where there is none that it knows. */
    async begin(withNet, ofAlphabet, text, withRandom) {
      [net, alphabet, random] = [withNet, ofAlphabet, withRandom];
      net.forget();
      const codes = alphabet.codes(text);
      written.replaceChildren(make('b', { textContent: codes.map((code) => alphabet.letters[code]).join('') }));
      for (const code of codes.length ? codes : [alphabet.codes('\n')[0] ?? 0]) chances = await net.read(code);
    },
    /** One more letter. */
    async write(daring) {
      const parts = dared(chances, daring),
        code = draw(parts, random);
      const below = written.scrollHeight - written.scrollTop - written.clientHeight;
      const letter = make('span', { textContent: alphabet.letters[code] });
      letter.style.setProperty('--sure', chances[code].toFixed(2));
      written.append(letter);
      if (written.childElementCount > KEPT) written.firstChild.remove();
      if (below < 40) written.scrollTop = written.scrollHeight;
      chances = await net.read(code);
    },
    async show() {
      const best = Array.from(chances.keys()).sort((a, b) => chances[b] - chances[a]);
      rows.forEach(({ element, label, set }, i) => {
        const letter = alphabet.letters[best[i]];
        element.hidden = letter === undefined;
        if (letter === undefined) return;
        label.textContent = NAMES[letter] ?? letter;
        set(chances[best[i]]);
      });
      paintMemory(await net.memory());
    },
  };
}
