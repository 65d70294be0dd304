// Texts to begin with: a rhyme that grows by a line each time, the first page of a tale, and this page's own program.

const JACK = [
  ['the farmer sowing his corn', 'kept'],
  ['the cock that crowed in the morn', 'waked'],
  ['the priest all shaven and shorn', 'married'],
  ['the man all tattered and torn', 'kissed'],
  ['the maiden all forlorn', 'milked'],
  ['the cow with the crumpled horn', 'tossed'],
  ['the dog', 'worried'],
  ['the cat', 'killed'],
  ['the rat', 'ate'],
  ['the malt', 'lay in'],
];

/** "The house that Jack built", verse by verse. */
function house() {
  const verse = (first) => {
    const lines = JACK.slice(first).map(([, did], i, all) => {
      const next = all[i + 1]?.[0];
      return next ? `that ${did} ${next}` : `that ${did} the house that Jack built.`;
    });
    return [`This is ${JACK[first][0]}`, ...lines].join('\n');
  };
  const verses = JACK.map((_, i) => verse(JACK.length - 1 - i));
  return ['This is the house that Jack built.', ...verses].join('\n\n');
}

// Lewis Carroll, Alice's Adventures in Wonderland, 1865.
const ALICE = `Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do: \
once or twice she had peeped into the book her sister was reading, but it had no pictures or conversations in it, "and \
what is the use of a book," thought Alice, "without pictures or conversations?"

So she was considering in her own mind (as well as she could, for the hot day made her feel very sleepy and stupid), \
whether the pleasure of making a daisy-chain would be worth the trouble of getting up and picking the daisies, when \
suddenly a White Rabbit with pink eyes ran close by her.

There was nothing so very remarkable in that; nor did Alice think it so very much out of the way to hear the Rabbit say \
to itself, "Oh dear! Oh dear! I shall be late!" (when she thought it over afterwards, it occurred to her that she ought \
to have wondered at this, but at the time it all seemed quite natural); but when the Rabbit actually took a watch out \
of its waistcoat-pocket, and looked at it, and then hurried on, Alice started to her feet, for it flashed across her \
mind that she had never before seen a rabbit with either a waistcoat-pocket, or a watch to take out of it, and burning \
with curiosity, she ran across the field after it, and fortunately was just in time to see it pop down a large \
rabbit-hole under the hedge.

In another moment down went Alice after it, never once considering how in the world she was to get out again.

The rabbit-hole went straight on like a tunnel for some way, and then dipped suddenly down, so suddenly that Alice had \
not a moment to think about stopping herself before she found herself falling down a very deep well.
`;

const program = async () => {
  const texts = ['text.js', 'net.js'].map(async (name) => {
    const response = await fetch(new URL(name, import.meta.url));
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return response.text();
  });
  return (await Promise.all(texts)).join('\n');
};

/** Each has what it is called, its text, and a beginning that fits. */
export const SAMPLES = {
  house: { name: 'The house that Jack built', text: house, begin: 'This is ' },
  alice: { name: 'Down the rabbit-hole', text: () => ALICE, begin: 'Alice ' },
  program: { name: 'The program of this page', text: program, begin: 'const ' },
};
