// What kind of device this runs on.
let mocked: boolean | undefined;

/** For tests: what isMobile() says; undefined: it looks for itself again. */
export function mockIsMobile(value: boolean | undefined): void {
  mocked = value;
}

/** True on phones and tablets, by the browser's own hint or by its name. */
export function isMobile(nav?: Navigator): boolean {
  if (mocked !== undefined) return mocked;
  const from = nav ?? (typeof navigator === 'undefined' ? undefined : navigator);
  if (!from) return false;
  if ((from as any).product === 'ReactNative') return true;
  const hint = (from as any).userAgentData?.mobile;
  if (typeof hint === 'boolean') return hint;
  const agent = from.userAgent || (from as any).vendor || '';
  return /Android|iPhone|iPad|iPod|BlackBerry|IEMobile|Opera Mini|Windows Phone|webOS|Mobi/i.test(agent);
}

/** True in pages and in their workers. */
export const isBrowser = (): boolean =>
  (typeof window !== 'undefined' && window.document !== undefined) ||
  typeof (globalThis as any).WorkerGlobalScope !== 'undefined';
