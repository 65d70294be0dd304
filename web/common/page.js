// What the pages share: troubles told kindly, the choice of device, bars.

export const $ = (selector) => document.querySelector(selector);

/** An element: make('li', {className: 'x'}, child, 'text'). */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A trouble that says what can be done about it. */
export class Trouble extends Error {
  constructor(message, remedy, cause) {
    super(message, { cause });
    this.remedy = remedy;
  }
}

/** Shows what went wrong above the page's main part; `again`, if given, is what its button does. */
export function showTrouble(error, again) {
  hideTrouble();
  const told = error instanceof Trouble;
  const detail = told ? error.cause?.message : (error?.message ?? String(error));
  const box = make(
    'div',
    { className: 'trouble', role: 'alert' },
    make('strong', { textContent: told ? error.message : 'Something went wrong.' }),
  );
  if (told) box.append(make('p', { textContent: error.remedy }));
  if (detail) box.append(make('code', { textContent: detail }));
  if (again)
    box.append(
      make('button', {
        textContent: 'Try again',
        onclick: () => {
          hideTrouble();
          again();
        },
      }),
    );
  $('main').prepend(box);
}

export function hideTrouble() {
  document.querySelector('.trouble')?.remove();
}

/** Runs f; what it throws is shown. */
export async function guarded(f, again) {
  try {
    return await f();
  } catch (error) {
    showTrouble(error, again);
    return undefined;
  }
}

const DEVICES = { wasm: 'CPU', webgl: 'GPU' };

/** Fills a fieldset with the devices; changed(name) is called after each change. */
export function chooseDevice(tf, fieldset, changed) {
  const use = async (name) => {
    let there = false;
    try {
      there = await tf.setBackend(name);
    } catch {
      /* it is not in this build */
    }
    await tf.ready();
    return there;
  };
  const inputs = Object.entries(DEVICES).map(([name, text]) => {
    const input = make('input', { type: 'radio', name: 'device', value: name, checked: name === 'wasm' });
    fieldset.append(make('label', { title: name }, input, text));
    return input;
  });
  fieldset.addEventListener('change', async ({ target }) => {
    hideTrouble();
    if (!(await use(target.value))) {
      target.disabled = true;
      inputs[0].checked = true;
      await use('wasm');
      showTrouble(
        new Trouble(
          'The graphics processor cannot be used here.',
          'The page goes on with the CPU. WebGL2 with float textures is needed.',
        ),
      );
    }
    await guarded(() => changed(inputs.find((input) => input.checked).value));
  });
  const wanted = new URLSearchParams(location.search).get('device');
  const first = inputs.find((input) => input.value === wanted);
  if (first && !first.checked) first.click();
}

/** A name, a percentage and a bar; set(part) moves it. */
export function shareBar(name = '') {
  const label = make('span', { textContent: name }),
    value = make('output', { textContent: '–' });
  const element = make(
    'div',
    { className: 'share' },
    label,
    value,
    make('div', { className: 'track' }, make('div', { className: 'fill' })),
  );
  return {
    element,
    label,
    set(part) {
      value.textContent = part === null ? '–' : `${(100 * part).toFixed(1)}%`;
      element.style.setProperty('--part', part ?? 0);
    },
  };
}
