import { Window } from 'happy-dom';

/** A page in this process: the globals that a front end's framework looks for. Only for a process of its own. */
export const openPage = (url: string): Window => {
  const window = new Window({ url });
  for (const name of [
    'window',
    'document',
    'navigator',
    'HTMLElement',
    'Node',
    'Event',
    'MutationObserver',
    'Element',
    'Text',
    'Comment',
  ]) {
    Object.defineProperty(globalThis, name, {
      value: name === 'window' ? window : Reflect.get(window, name),
      configurable: true,
      writable: true,
    });
  }
  return window;
};

/** Resolves when what the page shows fits; looks again after every change of it. */
export const shows = (element: Element, fits: (text: string) => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (!fits(element.textContent)) return;
      observer.disconnect();
      resolve();
    };
    const observer = new MutationObserver(look);
    observer.observe(element, { subtree: true, childList: true, characterData: true });
    look();
  });
