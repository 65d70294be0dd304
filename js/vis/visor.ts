// The visor: a panel at the side of the page with tabs and surfaces to draw on. There is one of it; it is made
// when it is first asked for, and anew if the page has removed it.
import { addStyles, make } from './dom';
import type { Surface, SurfaceInfo } from './types';

const DEFAULT_TAB = 'Visor';
const BACKTICK = 192;

/** Whether somebody writes there, so that ` is a letter. */
const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** An attribute that is 'true' or not there, as style sheets of pages know it. */
const mark = (element: HTMLElement, name: string, on: boolean): void =>
  on ? element.setAttribute(name, 'true') : element.removeAttribute(name);

interface Place {
  info: Required<Pick<SurfaceInfo, 'name' | 'tab'>> & SurfaceInfo;
  surface: Surface;
}

/** What `visor()` gives. */
export class Visor {
  /** The element that holds the visor. */
  readonly el: HTMLElement;
  /** What surfaces there are, by '<name>-<tab>'. */
  readonly surfaceList = new Map<string, SurfaceInfo>();

  private readonly panel = make('section', { className: 'visor', ariaLabel: 'Charts' });
  private readonly tabs = make('div', { className: 'visor-tabs', role: 'tablist', ariaLabel: 'Tabs' });
  private readonly surfaces = make('div', { className: 'visor-surfaces' });
  private readonly size = make('button', { type: 'button', onclick: () => this.toggleFullScreen() }, 'Maximize');
  private readonly showing = make('button', { type: 'button', className: 'visor-show' }, 'Show charts');
  private readonly places = new Map<string, Place>();
  private activeTab: string | null = null;

  constructor() {
    addStyles();
    const hide = make('button', { type: 'button', onclick: () => this.show(false, true) }, 'Hide');
    this.size.title = 'Over the whole page or at its side';
    hide.title = 'Hide the charts (`)';
    this.showing.title = 'Show the charts (`)';
    this.showing.onclick = () => this.open();
    this.panel.append(make('div', { className: 'visor-controls' }, this.size, hide), this.tabs, this.surfaces);
    this.el = make('div', { id: 'tfjs-visor-container' }, this.panel, this.showing);
    this.tabs.addEventListener('keydown', this.onTabKey);
    document.body.append(this.el);
    this.open();
    this.bindKeys();
  }

  /** The surface of a name on a tab; it is made, and its tab opened, if it is not there yet. */
  surface(options: SurfaceInfo): Surface {
    if (typeof options?.name !== 'string' && !((options?.name as unknown) instanceof String))
      throw new TypeError("visor.surface: You must pass an object with a 'name' to create or retrieve a surface.");
    const info = { ...options, tab: options.tab ?? DEFAULT_TAB };
    const key = `${info.name}-${info.tab}`;
    const found = this.places.get(key);
    if (found) return found.surface;
    const surface = this.place(info);
    this.places.set(key, { info, surface });
    this.surfaceList.set(key, info);
    this.setActiveTab(info.tab);
    return surface;
  }

  private place({ name, tab, styles }: Place['info']): Surface {
    const label = make('div', { className: 'tf-label', textContent: name });
    const drawArea = make('div', { className: 'tf-draw-area' });
    const container = make('div', { className: 'tf-surface' }, label, drawArea);
    for (const [key, value] of Object.entries(styles ?? {}))
      container.style[key as 'width'] = typeof value === 'number' ? `${value}px` : value;
    this.surfaces.append(container);
    if (![...this.tabs.children].some(({ textContent }) => textContent === tab)) {
      const button = make('button', { type: 'button', className: 'tf-tab', role: 'tab', textContent: tab });
      button.onclick = () => this.setActiveTab(tab);
      this.tabs.append(button);
    }
    return { container, label, drawArea };
  }

  isFullscreen(): boolean {
    return this.panel.hasAttribute('data-isfullscreen');
  }

  isOpen(): boolean {
    return this.panel.hasAttribute('data-isopen');
  }

  close(): void {
    this.show(false);
  }

  open(): void {
    this.show(true);
  }

  toggle(): void {
    this.show(!this.isOpen());
  }

  /** A button to show it again is there if somebody hid it, not if the program did. The focus stays with whoever
   * hid or showed it by a button. */
  private show(on: boolean, byHand = false): void {
    const moves = this.el.contains(document.activeElement);
    mark(this.panel, 'data-isopen', on);
    this.panel.inert = !on;
    this.showing.hidden = on || !byHand;
    if (moves) (on ? this.size : this.showing).focus();
  }

  toggleFullScreen(): void {
    const on = !this.isFullscreen();
    mark(this.panel, 'data-isfullscreen', on);
    this.size.textContent = on ? 'Minimize' : 'Maximize';
  }

  /** The key ` (or ~) hides and shows the visor, except where somebody writes. It does from the start. */
  bindKeys(): void {
    document.addEventListener('keydown', this.onKey);
  }

  unbindKeys(): void {
    document.removeEventListener('keydown', this.onKey);
  }

  /** Shows the surfaces of a tab, and no others. */
  setActiveTab(tabName: string): void {
    const all = [...this.places.values()];
    if (!all.some(({ info }) => info.tab === tabName)) throw new Error(`visor: Tab '${tabName}' does not exist.`);
    this.activeTab = tabName;
    for (const { info, surface } of all) mark(surface.container, 'data-visible', info.tab === tabName);
    for (const tab of this.tabs.children as HTMLCollectionOf<HTMLElement>) {
      const active = tab.textContent === tabName;
      mark(tab, 'data-isactive', active);
      tab.ariaSelected = String(active);
      tab.tabIndex = active ? 0 : -1;
    }
  }

  /** Whether the page has removed the visor; then its key goes as well. */
  isGone(): boolean {
    const gone = !this.el.isConnected;
    if (gone) this.unbindKeys();
    return gone;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (this.isGone() || event.ctrlKey || event.metaKey || event.altKey || isText(event.target)) return;
    if (event.keyCode === BACKTICK || event.key === '`' || event.key === '~') this.show(!this.isOpen(), true);
  };

  private readonly onTabKey = ({ key }: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const tabs = [...this.tabs.children] as HTMLElement[];
    const at = tabs.findIndex(({ textContent }) => textContent === this.activeTab);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    this.setActiveTab(next.textContent!);
    next.focus();
  };
}

let one: Visor | null = null;

/**
 * The visor, a panel with tabs of charts. The key ` hides and shows it.
 * @example
 * tfvis.visor().surface({ name: 'My surface', tab: 'My tab' }).drawArea.textContent = 'Anything';
 * tfvis.visor().isOpen(); // true
 */
export function visor(): Visor {
  if (!one || one.isGone()) one = new Visor();
  return one;
}
